/** Where events live. Written in batches, off the hot path; an event of the same id again is a no-op. */
export interface EventStore {
  append(events: readonly StoredEvent[]): Promise<void>;
  /** In the order of `at`, then of arrival. */
  query(query: EventQuery): Promise<EventPage>;
  /** Forgets up to `limit` events older than `before`. Returns how many went. */
  trim(before: number, limit: number): Promise<number>;
  close(): Promise<void>;
}

export interface StoredEvent {
  /** Deterministic: the same happening has the same id, whoever reports it. */
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
  readonly type: string;
  /** 10 debug, 20 info, 30 warning, 40 error. */
  readonly level: number;
  readonly task: string | null;
  readonly queue: string | null;
  readonly name: string | null;
  readonly correlationId: string | null;
  /** Encoded details. */
  readonly data: Uint8Array | null;
}

export interface EventQuery {
  readonly task?: string;
  readonly types?: readonly string[];
  readonly queue?: string;
  readonly correlationId?: string;
  readonly minLevel?: number;
  /** `at` from, inclusive. */
  readonly since?: number;
  /** `at` to, exclusive. */
  readonly until?: number;
  readonly after?: string;
  readonly limit: number;
}

export interface EventPage {
  readonly items: readonly StoredEvent[];
  readonly next?: string;
}
