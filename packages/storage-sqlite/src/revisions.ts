import type { Connection, Statement } from './connection.ts';

const NEXT = `UPDATE omniq_counters SET last = last + 1 WHERE name = 'revision' RETURNING last`;

/** Numbers for versions of rows: one counter for all, so that a row that was deleted and came back repeats none. */
export class Revisions {
  readonly #next: Statement;

  constructor(db: Connection) {
    this.#next = db.prepare(NEXT).pluck();
  }

  next(): number {
    return this.#next.get() as number;
  }
}
