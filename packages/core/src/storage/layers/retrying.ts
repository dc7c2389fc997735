import type { TaskStore } from '../task-store.ts';
import { Patience, type RetryOptions, type RetrySurroundings } from './patience.ts';
import { readBackRecords, readBackSchedules, readBackTasks, type ReadBack } from './read-back.ts';
import { around, type StoreKind, type StoreKinds } from './verbs.ts';

/**
 * Tries again what failed with `STORE_UNREACHABLE` or `STORE_BUSY`, after an exponential wait with full jitter.
 *
 * A call that failed so may have been applied all the same. Trying again is safe because every verb allows it: `insert`
 * by the ids (a row of the first try then says `exists`), `claim` by its request number, reads, `beat` and `configure`
 * by their nature, `end` because whoever finds an ended session finishes its rescue. A change is guarded, so it is never
 * applied twice, but finds its own doing in the way: after a failure, `stale` outcomes are read back, and one whose row
 * shows all that it set is `applied`. Two things stay imprecise then: `dependents` is `true` where there may be some, and
 * the history of a task that goes on running may hold a record twice.
 */
export function retrying(store: TaskStore, surroundings: RetrySurroundings, options: RetryOptions = {}): TaskStore {
  return persistent('tasks', store, surroundings, options);
}

/**
 * {@link retrying}, for a store of any kind. A compare-and-set of schedules or records that was refused after a failure
 * is read back, and counts as done where exactly what it wrote is found.
 */
export function persistent<K extends StoreKind>(
  kind: K,
  store: StoreKinds[K],
  surroundings: RetrySurroundings,
  options: RetryOptions = {},
): StoreKinds[K] {
  const patience = new Patience(surroundings, options);
  const readBack = readBackFor(kind, store);
  return around(kind, store, async (verb, args, call) => {
    // A transaction that failed is the user's to begin again.
    if (verb === 'close' || verb.startsWith('within.')) return call();
    const { value, failures } = await patience.try(call);
    if (failures === 0) return value;
    return (await patience.try(() => readBack(verb, args, value))).value;
  });
}

function readBackFor<K extends StoreKind>(kind: K, store: StoreKinds[K]): ReadBack {
  if (kind === 'tasks') return readBackTasks(store as TaskStore);
  if (kind === 'schedules') return readBackSchedules(store as StoreKinds['schedules']);
  if (kind === 'records') return readBackRecords(store as StoreKinds['records']);
  return (_verb, _args, outcome) => Promise.resolve(outcome);
}
