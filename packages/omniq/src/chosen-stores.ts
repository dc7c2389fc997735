import { OmniQError, type Ambient, type Stores } from '@omniq/core';
import { layeredBackend, type Backend } from '@omniq/core/storage';
import type { OpenedBackend } from './backends/open-backend.ts';
import { openStores } from './backends/open-stores.ts';
import type { Settings, StoreName } from './config/settings.ts';

/** The stores of one queue, each from the backend that was chosen for it, and what closes them. */
export interface ChosenStores {
  readonly stores: Stores;
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
    const tasks = pick(opened.tasks, 'tasks', ambient);
    const stores: Stores = {
      tasks,
      results: pick(opened.results, 'results', ambient),
      events: pick(opened.events, 'events', ambient),
      schedules: pick(opened.schedules, 'schedules', ambient),
      colocatedResults: opened.results.backend === opened.tasks.backend && tasks.capabilities.results,
    };
    return { stores, close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function pick<K extends StoreName>(
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
