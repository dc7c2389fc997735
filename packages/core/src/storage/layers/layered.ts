import type { Backend } from '../backend.ts';
import type { TaskStore } from '../task-store.ts';
import { checked, owned } from './checked.ts';
import { observed, type Observe } from './instrumented.ts';
import type { RetryOptions, RetrySurroundings } from './patience.ts';
import { persistent } from './retrying.ts';
import type { StoreKind, StoreKinds } from './verbs.ts';

export interface LayerOptions {
  /** What to call the backend in messages. */
  readonly backend: string;
  /** The engine's clock, timers and random source. */
  readonly ambient: RetrySurroundings;
  /** How often and how long to try. */
  readonly retry?: RetryOptions;
  /** Told of every call with its retries; absent: nobody. */
  readonly observe?: Observe;
}

/** A task store behind all layers: watched from outside, then retried, then checked next to the store. */
export function layered(store: TaskStore, options: LayerOptions): TaskStore {
  return wrap('tasks', checked(store, options), options);
}

/** All stores of a backend behind their layers. */
export function layeredBackend(backend: Backend, options: LayerOptions): Backend {
  const { tasks, results, events, schedules, records } = backend;
  return {
    ...(tasks === undefined ? {} : { tasks: layered(tasks, options) }),
    ...(results === undefined ? {} : { results: wrap('results', owned('results', results, options), options) }),
    ...(events === undefined ? {} : { events: wrap('events', owned('events', events, options), options) }),
    ...(schedules === undefined
      ? {}
      : { schedules: wrap('schedules', owned('schedules', schedules, options), options) }),
    ...(records === undefined ? {} : { records: wrap('records', owned('records', records, options), options) }),
    close: () => backend.close(),
  };
}

function wrap<K extends StoreKind>(
  kind: K,
  store: StoreKinds[K],
  { ambient, retry, observe }: LayerOptions,
): StoreKinds[K] {
  const patient = persistent(kind, store, ambient, retry);
  return observe === undefined ? patient : observed(kind, patient, observe, ambient.clock);
}
