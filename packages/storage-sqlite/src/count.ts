import type { TaskCount } from '@omniq/core/storage';
import type { Connection, Statement } from './connection.ts';
import { stateOf } from './state-code.ts';

/** Each part is counted from its own index; `due` tells pending from scheduled. */
const COUNT = `
SELECT queue, 1, run_at <= @now AS due, count(*) FROM omniq_tasks INDEXED BY omniq_ready
WHERE state = 1 AND behind = 0 GROUP BY queue, due
UNION ALL
SELECT queue, 1, run_at <= @now AS due, count(*) FROM omniq_tasks INDEXED BY omniq_behind
WHERE state = 1 AND behind = 1 GROUP BY queue, due
UNION ALL
SELECT queue, 2, 0, count(*) FROM omniq_tasks INDEXED BY omniq_running WHERE state = 2 GROUP BY queue
UNION ALL
SELECT queue, 0, 0, count(*) FROM omniq_tasks INDEXED BY omniq_blocked WHERE state = 0 GROUP BY queue
UNION ALL
SELECT queue, state, 0, count(*) FROM omniq_tasks INDEXED BY omniq_ended WHERE state >= 3 GROUP BY queue, state`;

type CountColumns = readonly [queue: string, state: number, due: number, count: number];

/** Counts tasks by queue and state without looking at one of them. */
export class Counts {
  readonly #db: Connection;
  readonly #count: Statement;

  constructor(db: Connection) {
    this.#db = db;
    this.#count = db.prepare(COUNT).raw();
  }

  count(now: number): readonly TaskCount[] {
    const sums = new Map<string, TaskCount>();
    for (const [queue, code, due, count] of this.#db.read(() => this.#count.all({ now }) as CountColumns[])) {
      const stored = stateOf(code);
      const state = stored === 'waiting' ? (due === 1 ? 'pending' : 'scheduled') : stored;
      const key = `${state} ${queue}`;
      sums.set(key, { queue, state, count: (sums.get(key)?.count ?? 0) + count });
    }
    return [...sums.values()];
  }
}
