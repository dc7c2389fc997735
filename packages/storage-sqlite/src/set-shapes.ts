import type { Mutable } from '@omniq/core/storage';
import type { Connection, Statement } from './connection.ts';
import { RUNNING, codeOf } from './state-code.ts';

const columns = new Map<string, string>(
  Object.entries({
    state: 'state',
    priority: 'priority',
    runAt: 'run_at',
    expiresAt: 'expires_at',
    attempt: 'attempt',
    crashes: 'crashes',
    redrives: 'redrives',
    cancelRequested: 'cancel_requested',
    startedAt: 'started_at',
    finishedAt: 'finished_at',
    deadlineAt: 'deadline_at',
    reason: 'reason',
    error: 'error',
    progress: 'progress',
  } satisfies Record<keyof Mutable, string>),
);

/** Which rows, and how they are found. */
const where = {
  lease: 'WHERE seq = (SELECT task FROM omniq_payloads WHERE id = ?) AND lease = ? AND state = 2',
  uncancelled:
    'WHERE seq = (SELECT task FROM omniq_payloads WHERE id = ?) AND lease = ? AND state = 2 AND cancel_requested = 0',
  heldLease: 'WHERE seq = ? AND lease = ? AND state = 2',
  heldUncancelled: 'WHERE seq = ? AND lease = ? AND state = 2 AND cancel_requested = 0',
  heldTogether: 'WHERE seq BETWEEN ? AND ? AND lease = seq + ? AND state = 2',
  place: 'WHERE seq = ?',
} as const;

type Where = keyof typeof where;
type SetKeys = readonly string[];

/**
 * Updates of whatever columns a change sets: one prepared statement per set of columns and guard. A batch is mostly of
 * one shape, so the last one is tried first.
 */
export class SetShapes {
  readonly #db: Connection;
  readonly #last = new Map<
    Where,
    { readonly keys: SetKeys; readonly leaves: boolean; readonly statement: Statement }
  >();

  constructor(db: Connection) {
    this.#db = db;
  }

  /** Returns whether the guard held. By its number a row is found sooner than by its id. */
  underLease(row: number | string, lease: number, uncancelled: boolean, set: Partial<Mutable>): boolean {
    const isHeld = typeof row === 'number';
    const guard = uncancelled ? (isHeld ? 'heldUncancelled' : 'uncancelled') : isHeld ? 'heldLease' : 'lease';
    return this.#run(guard, set, row, lease) === 1;
  }

  /** For `count` rows from `seq` on, under leases from `lease` on; those that are not stay as they are. */
  together(seq: number, count: number, lease: number, set: Partial<Mutable>): void {
    this.#run('heldTogether', set, seq, seq + count - 1, lease - seq);
  }

  /** For a row that has been looked at in this transaction. */
  inPlace(seq: number, set: Partial<Mutable>): undefined {
    this.#run('place', set, seq);
  }

  #run(guard: Where, set: Partial<Mutable>, ...key: readonly unknown[]): number {
    const keys: string[] = [];
    const values: unknown[] = [];
    const leaves = set.state !== undefined && codeOf(set.state) !== RUNNING;
    for (const name in set) {
      const value = set[name as keyof Mutable];
      if (value === undefined || !columns.has(name) || (leaves && name === 'deadlineAt')) continue;
      keys.push(name);
      values.push(bound(name, value));
    }
    values.push(...key);
    return this.#statement(guard, keys, leaves).run(values).changes;
  }

  #statement(guard: Where, keys: SetKeys, leaves: boolean): Statement {
    const last = this.#last.get(guard);
    if (last !== undefined && last.leaves === leaves && isSame(last.keys, keys)) return last.statement;
    const statement = this.#db.shape(textOf(guard, keys, leaves));
    this.#last.set(guard, { keys, leaves, statement });
    return statement;
  }
}

/** A task that leaves `running` gives up its deadline, whatever else is said of it. */
function textOf(guard: Where, keys: SetKeys, leaves: boolean): string {
  const sets = keys.map((key) => `${columns.get(key)} = ?`);
  if (leaves) sets.push('deadline_at = NULL');
  if (sets.length === 0) sets.push('seq = seq');
  return `UPDATE omniq_tasks NOT INDEXED SET ${sets.join(', ')} ${where[guard]}`;
}

function isSame(a: SetKeys, b: SetKeys): boolean {
  return a.length === b.length && a.every((key, index) => key === b[index]);
}

function bound(name: string, value: Mutable[keyof Mutable]): unknown {
  if (name === 'state') return codeOf(value as Mutable['state']);
  return typeof value === 'boolean' ? Number(value) : value;
}
