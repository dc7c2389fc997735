/** The least a backend can be: named bytes under compare-and-set on a tag. */
export interface RecordStore {
  get(key: string): Promise<StoredRecord | undefined>;
  /** `ifTag`: a tag replaces only that version, `null` only creates, absent always writes. Returns the new tag, or `null` if refused. */
  put(key: string, value: Uint8Array, ifTag?: string | null): Promise<string | null>;
  /** Returns whether it was there, under `ifTag` if given. */
  delete(key: string, ifTag?: string): Promise<boolean>;
  /** Keys that start with `prefix`, in byte order, from after `after`. */
  list(prefix: string, after: string | null, limit: number): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface StoredRecord {
  readonly value: Uint8Array;
  readonly tag: string;
}
