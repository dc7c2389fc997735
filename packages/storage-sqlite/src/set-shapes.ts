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

const where = {
  lease: 'id = ? AND lease = ? AND state = 2',
  uncancelled: 'id = ? AND lease = ? AND state = 2 AND cancel_requested = 0',
  place: 'seq = ?',
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

  /** Returns whether the guard held. */
  underLease(id: string, lease: number, uncancelled: boolean, set: Partial<Mutable>): boolean {
    return this.#run(uncancelled ? 'uncancelled' : 'lease', set, id, lease);
  }

  /** For a row that has been looked at in this transaction. */
  inPlace(seq: number, set: Partial<Mutable>): undefined {
    this.#run('place', set, seq);
  }

  #run(guard: Where, set: Partial<Mutable>, ...key: readonly unknown[]): boolean {
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
    return this.#statement(guard, keys, leaves).run(values).changes === 1;
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
  return `UPDATE omniq_tasks SET ${sets.join(', ')} WHERE ${where[guard]}`;
}

function isSame(a: SetKeys, b: SetKeys): boolean {
  return a.length === b.length && a.every((key, index) => key === b[index]);
}

function bound(name: string, value: Mutable[keyof Mutable]): unknown {
  if (name === 'state') return codeOf(value as Mutable['state']);
  return typeof value === 'boolean' ? Number(value) : value;
}
