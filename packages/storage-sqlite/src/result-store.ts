import type { ResultKey, ResultStore, StoredResult } from '@omniq/core/storage';
import type { Connection } from './connection.ts';
import { ResultRows } from './result-rows.ts';

/** Results in SQLite, for tasks here or elsewhere. */
export class SqliteResultStore implements ResultStore {
  readonly #db: Connection;
  readonly #rows: ResultRows;
  readonly #close: () => void;

  constructor(db: Connection, close: () => void) {
    this.#db = db;
    this.#rows = new ResultRows(db);
    this.#close = close;
  }

  async put(results: readonly StoredResult[]): Promise<void> {
    if (results.length > 0) this.#db.write(() => results.forEach((result) => this.#rows.put(result)));
  }

  async get(keys: readonly ResultKey[], now: number): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#db.snapshot(() => keys.map((key) => this.#rows.get(key, now)));
  }

  async remove(keys: readonly { readonly id: string; readonly below?: number }[]): Promise<void> {
    if (keys.length > 0) this.#db.write(() => keys.forEach(({ id, below }) => this.#rows.remove(id, below)));
  }

  async sweep(now: number, limit: number): Promise<number> {
    return this.#db.write(() => this.#rows.sweep(now, limit));
  }

  async close(): Promise<void> {
    this.#close();
  }
}
