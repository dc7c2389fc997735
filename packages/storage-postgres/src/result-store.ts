import type { ResultKey, ResultStore, StoredResult } from '@omniq/core/storage';
import type { Database } from './database.ts';
import { getResults, putResults, removeResults, sweepResults } from './result-rows.ts';

/** Results in PostgreSQL, for tasks here or elsewhere. */
export class PostgresResultStore implements ResultStore {
  readonly #db: Database;
  readonly #close: () => Promise<void>;

  constructor(db: Database, close: () => Promise<void>) {
    this.#db = db;
    this.#close = close;
  }

  put(results: readonly StoredResult[]): Promise<void> {
    return putResults(this.#db, results);
  }

  get(keys: readonly ResultKey[], now: number): Promise<readonly (Uint8Array | undefined)[]> {
    return getResults(this.#db, keys, now);
  }

  remove(keys: readonly { readonly id: string; readonly below?: number }[]): Promise<void> {
    return removeResults(this.#db, keys);
  }

  sweep(now: number, limit: number): Promise<number> {
    return sweepResults(this.#db, now, limit);
  }

  close(): Promise<void> {
    return this.#close();
  }
}
