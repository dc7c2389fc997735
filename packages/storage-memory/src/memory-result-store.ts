import type { ResultKey, ResultStore, StoredResult } from '@omniq/core/storage';
import { Connection } from './connection.ts';
import type { ResultTable } from './result-table.ts';

/** One opening of a {@link ResultTable}. */
export class MemoryResultStore implements ResultStore {
  readonly #results: ResultTable;
  readonly #connection = new Connection();

  constructor(results: ResultTable) {
    this.#results = results;
  }

  async put(results: readonly StoredResult[]): Promise<void> {
    this.#connection.check();
    for (const { id, lease, value, expiresAt } of results) this.#results.put({ id, lease, value, expiresAt });
  }

  async get(keys: readonly ResultKey[], now: number): Promise<readonly (Uint8Array | undefined)[]> {
    this.#connection.check();
    return keys.map((key) => this.#results.get(key, now));
  }

  async remove(keys: readonly { readonly id: string; readonly below?: number }[]): Promise<void> {
    this.#connection.check();
    for (const { id, below } of keys) this.#results.remove(id, below);
  }

  async sweep(now: number, limit: number): Promise<number> {
    this.#connection.check();
    return this.#results.sweep(now, limit);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }
}
