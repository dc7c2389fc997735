import type { RecordStore, StoredRecord } from '@omniq/core/storage';
import { byteOrder } from './byte-order.ts';
import { Connection } from './connection.ts';

/** Records by key, and the keys in byte order. */
export class RecordTable {
  readonly records: Map<string, StoredRecord> = new Map();
  #keys: string[] | null = null;
  #tag = 0;

  write(key: string, value: Uint8Array): string {
    if (!this.records.has(key)) this.#keys = null;
    // One counter for all keys: a tag never fits a record that was deleted and made again.
    const tag = String((this.#tag += 1));
    this.records.set(key, { value, tag });
    return tag;
  }

  delete(key: string): void {
    if (this.records.delete(key)) this.#keys = null;
  }

  /** Sorted at the first list after keys came or went. */
  keys(): readonly string[] {
    this.#keys ??= [...this.records.keys()].sort(byteOrder);
    return this.#keys;
  }
}

/** One opening of a {@link RecordTable}. */
export class MemoryRecordStore implements RecordStore {
  readonly #table: RecordTable;
  readonly #connection = new Connection();

  constructor(table: RecordTable) {
    this.#table = table;
  }

  async get(key: string): Promise<StoredRecord | undefined> {
    return this.#open().records.get(key);
  }

  async put(key: string, value: Uint8Array, ifTag?: string | null): Promise<string | null> {
    const table = this.#open();
    if (ifTag !== undefined && (table.records.get(key)?.tag ?? null) !== ifTag) return null;
    return table.write(key, value);
  }

  async delete(key: string, ifTag?: string): Promise<boolean> {
    const table = this.#open();
    const tag = table.records.get(key)?.tag;
    if (tag === undefined || (ifTag !== undefined && ifTag !== tag)) return false;
    table.delete(key);
    return true;
  }

  async list(prefix: string, after: string | null, limit: number): Promise<readonly string[]> {
    const found: string[] = [];
    for (const key of this.#open().keys()) {
      if (found.length === limit) break;
      if (key.startsWith(prefix) && (after === null || byteOrder(key, after) > 0)) found.push(key);
    }
    return found;
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #open(): RecordTable {
    this.#connection.check();
    return this.#table;
  }
}
