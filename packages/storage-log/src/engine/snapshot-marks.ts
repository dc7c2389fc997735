/** A snapshot that the log itself tells of. */
export interface Mark {
  /** Of the last entry that the snapshot stands for. */
  readonly position: number;
  /** The snapshot's size. */
  readonly bytes: number;
  /** The log's time when it was told. */
  readonly at: number;
}

/** Below this, reading the log is as quick as reading a snapshot. */
const LEAST_BYTES = 1_024 * 1_024;

/**
 * When a snapshot is due, who takes it, and what it allows to be forgotten: all decided by what the log says, so that
 * every replica knows the same and exactly one of them acts.
 */
export class SnapshotMarks {
  #marks: Mark[];
  #trimmable: number;
  /** Bytes of entries since the last mark, or since somebody was last asked to make one. */
  #grown: number;

  constructor(marks: readonly Mark[] = [], grown = 0, trimmable = 0) {
    this.#marks = [...marks];
    this.#grown = grown;
    this.#trimmable = trimmable;
  }

  get marks(): readonly Mark[] {
    return this.#marks;
  }

  get grown(): number {
    return this.#grown;
  }

  /**
   * Counts an entry; `true`: its writer is to take a snapshot. If it does not, because it died, the writer of a later
   * entry will be asked.
   */
  grow(bytes: number): boolean {
    this.#grown += bytes;
    if (this.#grown <= Math.max(LEAST_BYTES, (this.#marks.at(-1)?.bytes ?? 0) / 2)) return false;
    this.#grown = 0;
    return true;
  }

  /** A snapshot was taken. What it stands for is kept for so long all the same: somebody may still be reading it. */
  add(mark: Mark, keepMs: number): void {
    if (mark.position <= (this.#marks.at(-1)?.position ?? 0)) return;
    this.#marks.push(mark);
    const old = this.#marks.filter(({ at }) => at <= mark.at - keepMs);
    this.#trimmable = old.at(-1)?.position ?? this.#trimmable;
    this.#marks = this.#marks.slice(old.length);
  }

  /** Entries before this position are not needed any more. */
  get trimmable(): number {
    return this.#trimmable;
  }
}
