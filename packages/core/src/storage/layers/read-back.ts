import type { RecordStore } from '../record-store.ts';
import type { ScheduleRow, ScheduleStore } from '../schedule-store.ts';
import type { Mutable, TaskRow } from '../task-row.ts';
import type { Change, ChangeOutcome, SwapOutcome, TaskStore } from '../task-store.ts';

/** What a verb's outcome truly is, given that tries before it failed with an unknown one. */
export type ReadBack = (verb: string, args: readonly unknown[], outcome: unknown) => Promise<unknown>;

/** Finds changes that were applied by a try whose reply was lost, and now look stale. */
export function readBackTasks(store: TaskStore): ReadBack {
  return async (verb, args, outcome) => {
    if (verb === 'update') return reconcile(store, args[0] as readonly Change[], outcome as readonly ChangeOutcome[]);
    if (verb !== 'swap') return outcome;
    const swapped = outcome as SwapOutcome;
    const outcomes = await reconcile(store, args[0] as readonly Change[], swapped.outcomes);
    return { ...swapped, outcomes };
  };
}

async function reconcile(
  store: TaskStore,
  changes: readonly Change[],
  outcomes: readonly ChangeOutcome[],
): Promise<readonly ChangeOutcome[]> {
  const doubtful = new Set(changes.filter((_, index) => outcomes[index]?.status === 'stale').map(({ id }) => id));
  if (doubtful.size === 0) return outcomes;
  const rows = await store.get([...doubtful]);
  const found = new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.id, row]])));
  return outcomes.map((outcome, index) => {
    const change = changes[index];
    const row = change === undefined ? undefined : found.get(change.id);
    if (outcome.status !== 'stale' || change === undefined || row === undefined) return outcome;
    return shows(row, change, changes.slice(index + 1)) ? applied(change) : outcome;
  });
}

/**
 * Whether a row looks exactly as the change would leave it. Under a lease nobody else may write, so what it set is its
 * own doing; any other must say the new state, and then be met in every field, times included. The release of
 * an edge that sets nothing leaves no trace of who made it: it stays `stale`, which the sweep of blocked tasks makes good.
 */
function shows(row: TaskRow, { id, guard, set }: Change, later: readonly Change[]): boolean {
  if ('lease' in guard && row.lease !== guard.lease) return false;
  if (set.state === undefined) return false;
  const overwritten = new Set(later.flatMap((change) => (change.id === id ? Object.keys(change.set) : [])));
  const fields = Object.keys(set).filter((field) => !overwritten.has(field)) as (keyof Mutable)[];
  return fields.every((field) => set[field] === undefined || isSame(row[field], set[field]));
}

const terminal: ReadonlySet<string | undefined> = new Set(['completed', 'failed', 'cancelled', 'expired']);

/** The reply that told of dependents is lost: to look for some that are not there costs little, to miss one leaves it blocked. */
function applied({ set }: Change): ChangeOutcome {
  return terminal.has(set.state) ? { status: 'applied', dependents: true } : { status: 'applied' };
}

/** Finds a schedule that was written by a try whose reply was lost. */
export function readBackSchedules(store: ScheduleStore): ReadBack {
  return async (verb, args, outcome) => {
    if (verb !== 'put' || outcome !== null) return outcome;
    const row = args[0] as ScheduleRow;
    const stored = await store.get(row.id);
    const isOurs =
      stored !== undefined && stored.state === row.state && stored.dueAt === row.dueAt && isSame(stored.body, row.body);
    return isOurs ? stored.revision : null;
  };
}

/** Finds a record that was written by a try whose reply was lost. */
export function readBackRecords(store: RecordStore): ReadBack {
  return async (verb, args, outcome) => {
    if (verb !== 'put' || outcome !== null) return outcome;
    const stored = await store.get(args[0] as string);
    return stored !== undefined && isSame(stored.value, args[1]) ? stored.tag : null;
  };
}

function isSame(stored: unknown, written: unknown): boolean {
  if (stored instanceof Uint8Array && written instanceof Uint8Array) return Buffer.compare(stored, written) === 0;
  return stored === written;
}
