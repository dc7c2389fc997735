import type { Statement } from 'better-sqlite3';
import type { Connection } from './connection.ts';
import { FIRST_END } from './rows.ts';
import type { UniqueKeys } from './unique-keys.ts';

const REMOVABLE = `SELECT seq, state FROM tasks WHERE id = ? AND NOT EXISTS (SELECT 1 FROM edges WHERE parent = tasks.id)`;
const REMOVE = `DELETE FROM tasks WHERE seq = ?`;
const REMEMBER = `INSERT OR REPLACE INTO tombstones VALUES (?, ?)`;
const SWEEP = `DELETE FROM tombstones WHERE id IN (SELECT id FROM tombstones WHERE until < ? LIMIT 1000)`;
const LEFTOVERS = [
  'DELETE FROM bodies WHERE seq = :seq AND :id IS NOT NULL',
  'DELETE FROM results WHERE id = :id AND :seq IS NOT NULL',
  'DELETE FROM history WHERE id = :id AND :seq IS NOT NULL',
  'DELETE FROM edges WHERE child = :id AND :seq IS NOT NULL',
];

/** Forgets ended tasks. Inside a write transaction. */
export class Removal {
  readonly #uniques: UniqueKeys;
  readonly #removable: Statement;
  readonly #remove: Statement;
  readonly #remember: Statement;
  readonly #sweep: Statement;
  readonly #leftovers: readonly Statement[];

  constructor({ db }: Connection, uniques: UniqueKeys) {
    this.#uniques = uniques;
    this.#removable = db.prepare(REMOVABLE);
    this.#remove = db.prepare(REMOVE);
    this.#remember = db.prepare(REMEMBER);
    this.#sweep = db.prepare(SWEEP);
    this.#leftovers = LEFTOVERS.map((text) => db.prepare(text));
  }

  remove(ids: readonly string[], rememberUntil: number, now: number): number {
    // A batch that adds ids takes as many old ones away, so that they do not pile up.
    this.#sweep.run(now);
    return ids.filter((id) => this.#removeOne(id, rememberUntil)).length;
  }

  #removeOne(id: string, rememberUntil: number): boolean {
    const row = this.#removable.get(id) as { seq: number; state: number } | undefined;
    if (row === undefined || row.state < FIRST_END) return false;
    this.#remove.run(row.seq);
    for (const leftover of this.#leftovers) leftover.run({ seq: row.seq, id });
    this.#uniques.forget(id);
    this.#remember.run(id, rememberUntil);
    return true;
  }
}
