import type { Connection, Statement } from './connection.ts';
import type { ResultRows } from './result-rows.ts';

/** A task that others still wait for stays, whatever state they are in: its edges have to be resolved first. */
const REMOVE = `
DELETE FROM omniq_tasks
WHERE seq = (SELECT task FROM omniq_payloads WHERE id = ?) AND state >= 3 AND NOT EXISTS (SELECT 1 FROM omniq_edges WHERE parent = omniq_tasks.seq)
RETURNING seq`;

const REMOVE_PAYLOAD = `DELETE FROM omniq_payloads WHERE task = ?`;

const REMOVE_HISTORY = `DELETE FROM omniq_history WHERE task = ?`;

const REMOVE_EDGES = `DELETE FROM omniq_edges WHERE child = ?`;

const REMEMBER = `
INSERT INTO omniq_tombstones (id, until) VALUES (?, ?)
ON CONFLICT (id) DO UPDATE SET until = max(until, excluded.until)`;

/** Forgets terminal tasks and remembers their ids, inside a write transaction of the caller's. */
export class Removals {
  readonly #results: ResultRows;
  readonly #remove: Statement;
  readonly #belongings: readonly Statement[];
  readonly #remember: Statement;

  constructor(db: Connection, results: ResultRows) {
    this.#results = results;
    this.#remove = db.prepare(REMOVE).pluck();
    this.#belongings = [REMOVE_PAYLOAD, REMOVE_HISTORY, REMOVE_EDGES].map((sql) => db.prepare(sql));
    this.#remember = db.prepare(REMEMBER);
  }

  remove(ids: readonly string[], rememberUntil: number): number {
    let gone = 0;
    for (const id of ids) {
      const seq = this.#remove.get(id);
      if (seq === undefined) continue;
      for (const statement of this.#belongings) statement.run(seq);
      this.#results.remove(id);
      this.#remember.run(id, rememberUntil);
      gone += 1;
    }
    return gone;
  }
}
