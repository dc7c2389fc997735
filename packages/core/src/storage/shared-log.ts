/**
 * A durable, totally ordered log that several processes share, and the snapshots that stand for its beginning. Entries
 * are opaque bytes; positions are integers that grow by one, from 1.
 *
 * The caller guarantees: entries of at least one byte, one append in flight per opened log, an `at` that was never
 * trimmed, and after an append whose outcome it does not know (it threw), a read before the next one. The log retries
 * nothing, logs nothing, and throws `OmniQError` with a `STORE_*` code.
 */
export interface SharedLog {
  readonly capabilities: LogCapabilities;

  /**
   * Adds an entry; returns its position once it is durable and every later {@link read}, anybody's, sees it. A log that
   * writers number puts it at `at` and nowhere else: `null` says that there is an entry at `at` already, which a read
   * shows. A log that its server numbers ignores `at` and never returns `null`.
   *
   * Writers append one beyond the last entry that they know. Further out, the log may refuse with a `STORE_*` code or
   * keep the entry; readers end before the hole either way, until it is filled. An entry over `maxBytes` is refused with
   * `PAYLOAD_TOO_LARGE` and changes nothing.
   */
  append(bytes: Uint8Array, at: number): Promise<number | null>;

  /**
   * Entries from position `after + 1` on, in order, without gaps; none at the end of the log. Sees every append that was
   * acknowledged before the call. Where the log was trimmed beyond `after`, the first entry has a later position, or
   * there is none. May return fewer than there are, but not none; `limit` is a wish.
   */
  read(after: number, limit: number): Promise<readonly LogEntry[]>;

  /**
   * Calls `wake` when there may be new entries, until the returned function is called. May call too often, be late, or
   * never: a hint.
   */
  watch(wake: () => void): () => void;

  /** Keeps the state as of a position. One that is there already stays: equal positions have equal states. */
  saveSnapshot(position: number, bytes: Uint8Array): Promise<void>;

  /** The snapshot of the highest position that is whole, or `null`. */
  loadSnapshot(): Promise<LogSnapshot | null>;

  /** Forgets entries before `position`, and all snapshots but the newest two. Never more: `position` itself stays. */
  trim(position: number): Promise<void>;

  /** Twice is a no-op. Afterwards every other verb throws `STORE_CLOSED`, and nobody who watched is woken. */
  close(): Promise<void>;
}

export interface LogEntry {
  readonly position: number;
  readonly bytes: Uint8Array;
  /** When the log took it, by the log's own clock, epoch ms; `null` where it has none. Never falls. */
  readonly time: number | null;
}

export interface LogSnapshot {
  readonly position: number;
  readonly bytes: Uint8Array;
}

export interface LogCapabilities {
  /** Survives the end of the process that wrote it. */
  readonly durable: boolean;
  /** Who can share it: one process, all processes of a host, or all hosts of a network. */
  readonly shared: 'process' | 'host' | 'network';
  /** Who numbers the entries: the log itself, or its writers, by create-if-absent. */
  readonly numberedBy: 'log' | 'writers';
  /** Entries carry the log's own time. */
  readonly clock: boolean;
  /** `false` where `watch` cannot tell of the appends of others, so that readers have to look; default `true`. */
  readonly wakes?: boolean;
  /** The largest entry, in bytes. */
  readonly maxBytes: number;
  /**
   * How long an entry is kept after a snapshot stands for it, in ms: longer than the longest nap after which a process
   * still trusts what it knew, and than a request may be under way.
   */
  readonly keepMs: number;
}
