import type { RecordStore, StoredRecord } from '@omniq/core/storage';

/** A record store in memory; several openings of a log share one. */
export class MemoryRecords implements RecordStore {
  readonly records: Map<string, StoredRecord> = new Map();
  #tag = 0;

  async get(key: string): Promise<StoredRecord | undefined> {
    return this.records.get(key);
  }

  async put(key: string, value: Uint8Array, ifTag?: string | null): Promise<string | null> {
    if (ifTag !== undefined && (this.records.get(key)?.tag ?? null) !== ifTag) return null;
    const tag = String((this.#tag += 1));
    this.records.set(key, { value: value.slice(), tag });
    return tag;
  }

  async delete(key: string, ifTag?: string): Promise<boolean> {
    const tag = this.records.get(key)?.tag;
    if (tag === undefined || (ifTag !== undefined && ifTag !== tag)) return false;
    return this.records.delete(key);
  }

  async list(prefix: string, after: string | null, limit: number): Promise<readonly string[]> {
    const keys = [...this.records.keys()].filter((key) => key.startsWith(prefix) && (after === null || key > after));
    return keys.toSorted().slice(0, limit);
  }

  async close(): Promise<void> {}
}
