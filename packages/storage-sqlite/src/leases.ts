import type { Connection, Statement } from './connection.ts';

const COUNT = `
SELECT count(*) FROM omniq_tasks INDEXED BY omniq_running
WHERE state = 2 AND holder = (SELECT holder FROM omniq_holders WHERE session = ?)`;

const CANCELLED = `
SELECT (SELECT id FROM omniq_payloads WHERE task = seq) FROM omniq_tasks INDEXED BY omniq_running
WHERE state = 2 AND cancel_requested = 1 AND holder = (SELECT holder FROM omniq_holders WHERE session = ?)
ORDER BY seq`;

const COUNTS = `
SELECT h.session, r.leases FROM (
  SELECT holder, count(*) AS leases FROM omniq_tasks INDEXED BY omniq_running WHERE state = 2 GROUP BY holder
) r JOIN omniq_holders h ON h.holder = r.holder`;

/** What sessions hold, read from the tasks. */
export class Leases {
  readonly #db: Connection;
  readonly #count: Statement;
  readonly #cancelled: Statement;
  readonly #counts: Statement;

  constructor(db: Connection) {
    this.#db = db;
    this.#count = db.prepare(COUNT).pluck();
    this.#cancelled = db.prepare(CANCELLED).pluck();
    this.#counts = db.prepare(COUNTS).raw();
  }

  of(session: string): { leases: number; cancelled: readonly string[] } {
    return this.#db.snapshot(() => ({
      leases: this.#count.get(session) as number,
      cancelled: this.#cancelled.all(session) as string[],
    }));
  }

  /** By session, those that hold any. */
  counts(): Map<string, number> {
    return this.#db.read(() => new Map(this.#counts.all() as [string, number][]));
  }
}
