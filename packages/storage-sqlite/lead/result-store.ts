import type { ResultKey, ResultStore, StoredResult } from '@omniq/core/storage';
import type { Statement } from 'better-sqlite3';
import type { Connection } from './connection.ts';

const PUT = `INSERT OR REPLACE INTO results (id, lease, expires_at, value) VALUES (?, ?, ?, ?)`;
const GET = `SELECT value FROM results WHERE id = ? AND lease = ? AND (expires_at IS NULL OR expires_at > ?)`;
const REMOVE = `DELETE FROM results WHERE id = ? AND lease < ?`;
const REMOVE_ALL = `DELETE FROM results WHERE id = ?`;
const SWEEP = `DELETE FROM results WHERE (id, lease) IN (SELECT id, lease FROM results WHERE expires_at <= ? LIMIT ?)`;

/** Results in a SQLite file; those of its own tasks are committed with their changes. */
export class SqliteResultStore implements ResultStore {
  readonly #connection: Connection;
  readonly #put: Statement;
  readonly #get: Statement;
  readonly #remove: Statement;
  readonly #removeAll: Statement;
  readonly #sweep: Statement;

  constructor(connection: Connection) {
    const { db } = connection;
    this.#connection = connection;
    this.#put = db.prepare(PUT);
    this.#get = db.prepare(GET).pluck();
    this.#remove = db.prepare(REMOVE);
    this.#removeAll = db.prepare(REMOVE_ALL);
    this.#sweep = db.prepare(SWEEP);
  }

  async put(results: readonly StoredResult[]): Promise<void> {
    if (results.length === 0) return;
    this.#connection.write(() => {
      for (const { id, lease, expiresAt, value } of results) this.#put.run(id, lease, expiresAt, value);
    });
  }

  async get(keys: readonly ResultKey[], now: number): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#connection.read(() => keys.map(({ id, lease }) => this.#get.get(id, lease, now) as Buffer | undefined));
  }

  async remove(keys: readonly { readonly id: string; readonly below?: number }[]): Promise<void> {
    this.#connection.write(() => {
      for (const { id, below } of keys) {
        if (below === undefined) this.#removeAll.run(id);
        else this.#remove.run(id, below);
      }
    });
  }

  async sweep(now: number, limit: number): Promise<number> {
    return this.#connection.write(() => this.#sweep.run(now, limit).changes);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }
}
