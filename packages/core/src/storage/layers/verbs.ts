import type { EventStore } from '../event-store.ts';
import type { RecordStore } from '../record-store.ts';
import type { ResultStore } from '../result-store.ts';
import type { ScheduleStore } from '../schedule-store.ts';
import type { Awaited, TaskStore, TransactionStore } from '../task-store.ts';

/** The stores that layers wrap, by what they hold. */
export interface StoreKinds {
  readonly tasks: TaskStore;
  readonly results: ResultStore;
  readonly events: EventStore;
  readonly schedules: ScheduleStore;
  readonly records: RecordStore;
}

export type StoreKind = keyof StoreKinds;

/** The asynchronous verbs of every kind; an optional one that a store lacks stays absent in what wraps it. */
const verbs: { readonly [K in StoreKind]: readonly (keyof StoreKinds[K] & string)[] } = {
  tasks: [
    'insert',
    'claim',
    'update',
    'swap',
    'get',
    'list',
    'count',
    'remove',
    'edges',
    'history',
    'open',
    'beat',
    'sessions',
    'end',
    'queues',
    'configure',
    'time',
    'nextDue',
    'close',
  ],
  results: ['put', 'get', 'remove', 'sweep', 'close'],
  events: ['append', 'query', 'trim', 'close'],
  schedules: ['put', 'get', 'list', 'remove', 'close'],
  records: ['get', 'put', 'delete', 'list', 'close'],
};

/** Makes one call of a verb. `call` may be made more than once. */
export type Invoke = (verb: string, args: readonly unknown[], call: () => Promise<unknown>) => Promise<unknown>;

type Verb = (...args: unknown[]) => Promise<unknown>;

/** A store of which every call goes through `invoke`. */
export function around<K extends StoreKind>(kind: K, store: StoreKinds[K], invoke: Invoke): StoreKinds[K] {
  const inner = store as unknown as Readonly<Record<string, Verb | undefined>>;
  const outer: Record<string, unknown> = {};
  for (const verb of verbs[kind]) {
    const method = inner[verb];
    if (method !== undefined) outer[verb] = (...args: unknown[]) => invoke(verb, args, () => method.apply(store, args));
  }
  return (kind === 'tasks' ? withTraits(outer, store as TaskStore, invoke) : outer) as unknown as StoreKinds[K];
}

/** What of a task store is no call: its capabilities, its bell, which has no outcome to look at, and its transactions. */
function withTraits(outer: Record<string, unknown>, store: TaskStore, invoke: Invoke): Record<string, unknown> {
  outer['capabilities'] = store.capabilities;
  if (store.watch !== undefined) {
    outer['watch'] = (wake: () => void, awaited?: Awaited) => store.watch?.(wake, awaited);
  }
  if (store.within !== undefined) {
    outer['within'] = (transaction: unknown) => aroundTransaction(() => store.within?.(transaction), invoke);
  }
  return outer;
}

/** The verbs of a transaction go by names of their own: what holds for the others need not hold for them. */
function aroundTransaction(within: () => TransactionStore | undefined, invoke: Invoke): TransactionStore {
  const inner = within() as TransactionStore;
  return {
    insert: (...args) => invoke('within.insert', args, () => inner.insert(...args)) as ReturnType<typeof inner.insert>,
    complete: (...args) => invoke('within.complete', args, () => inner.complete(...args)) as Promise<void>,
  };
}
