/** Where results live, by task and lease: the result of a superseded run never hides the accepted one. */
export interface ResultStore {
  /** Written before the task's terminal change. The same key again replaces. */
  put(results: readonly StoredResult[]): Promise<void>;
  /** In the order of the keys; `undefined` where there is none, or it has expired by `now`. */
  get(keys: readonly ResultKey[], now: number): Promise<readonly (Uint8Array | undefined)[]>;
  /** Forgets all results of these tasks whose lease is below `lease`, or all of them without it. */
  remove(keys: readonly { readonly id: string; readonly below?: number }[]): Promise<void>;
  /** Forgets up to `limit` expired results. Returns how many went. */
  sweep(now: number, limit: number): Promise<number>;
  close(): Promise<void>;
}

export interface ResultKey {
  readonly id: string;
  readonly lease: number;
}

export interface StoredResult extends ResultKey {
  readonly value: Uint8Array;
  readonly expiresAt: number | null;
}
