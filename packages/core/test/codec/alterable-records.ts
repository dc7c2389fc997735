import type { RecordStore, StoredRecord } from '../../src/storage/record-store.ts';

/** A record store whose contents a test may change or lose behind its back. */
export class AlterableRecords implements RecordStore {
  readonly kept = new Map<string, StoredRecord>();
  #writes = 0;

  async get(key: string): Promise<StoredRecord | undefined> {
    return this.kept.get(key);
  }

  async put(key: string, value: Uint8Array, ifTag?: string | null): Promise<string | null> {
    if (ifTag !== undefined && (this.kept.get(key)?.tag ?? null) !== ifTag) return null;
    const tag = `v${++this.#writes}`;
    this.kept.set(key, { value: Uint8Array.from(value), tag });
    return tag;
  }

  async delete(key: string): Promise<boolean> {
    return this.kept.delete(key);
  }

  async list(prefix: string, after: string | null, limit: number): Promise<readonly string[]> {
    const keys = [...this.kept.keys()].filter((key) => key.startsWith(prefix) && (after === null || key > after));
    return keys.toSorted().slice(0, limit);
  }

  async close(): Promise<void> {
    this.kept.clear();
  }
}
