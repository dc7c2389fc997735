import { OmniQError, type Ambient, type Stores } from '@omniq/core';
import { layeredBackend, type Backend } from '@omniq/core/storage';
import type { OpenedBackend } from './backends/open-backend.ts';
import { openStores } from './backends/open-stores.ts';
import type { Settings, StoreName } from './config/settings.ts';

/** The stores of one queue, each from the backend that was chosen for it, and what closes them. */
export interface ChosenStores {
  readonly stores: Stores;
  /** Of the backend that holds the outbox, where that is another one than the tasks'. */
  readonly outbox: Stores | null;
  close(): Promise<void>;
}

/**
 * Opens the backends and takes from each what it was chosen for, behind the layers that check and retry.
 * @throws OmniQError `UNSUPPORTED` if a backend does not offer that store, and as `openBackend`
 */
export async function chooseStores(settings: Settings, ambient: Ambient, cwd: string): Promise<ChosenStores> {
  const { plugins, namespace } = settings;
  const opened = await openStores(settings.stores, {
    plugins,
    from: cwd,
    ...(namespace === undefined ? {} : { namespace }),
  });
  try {
    const events = pick(opened.events, 'events', ambient);
    const schedules = pick(opened.schedules, 'schedules', ambient);
    const stores = { ...tasksAndResults(opened.tasks, opened.results, ambient), events, schedules };
    const apart = opened.outbox.backend !== opened.tasks.backend;
    const outbox = apart ? outboxOf(opened.outbox, ambient) : null;
    return { stores, outbox, close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function tasksAndResults(
  forTasks: OpenedBackend,
  forResults: OpenedBackend,
  ambient: Ambient,
): Omit<Stores, 'events' | 'schedules'> {
  const tasks = pick(forTasks, 'tasks', ambient);
  const colocatedResults = forResults.backend === forTasks.backend && tasks.capabilities.results;
  return { tasks, results: pick(forResults, 'results', ambient), colocatedResults };
}

function outboxOf(opened: OpenedBackend, ambient: Ambient): Stores {
  const stores = tasksAndResults(opened, opened, ambient);
  if (stores.tasks.capabilities.transactions) return { ...stores, events: null, schedules: null };
  throw new OmniQError(
    'UNSUPPORTED',
    `The backend ${opened.name} takes part in no transactions, so it holds no outbox.`,
    {
      hint: 'Name Postgres or SQLite: outbox: "postgres://…".',
      backend: opened.name,
    },
  );
}

function pick<K extends Exclude<StoreName, 'outbox'>>(
  { backend, name }: OpenedBackend,
  kind: K,
  ambient: Ambient,
): NonNullable<Backend[K]> {
  const store = layeredBackend(backend, { backend: name, ambient })[kind];
  if (store !== undefined) return store;
  throw new OmniQError('UNSUPPORTED', `The backend ${name} does not store ${kind}.`, {
    hint: `Name another one for them: ${kind}: "sqlite:./omniq.db".`,
    backend: name,
    store: kind,
  });
}
