import type { TaskRecord } from './task-record.ts';

interface Hold {
  readonly holder: string;
  /** `null`: while the holder lives. */
  readonly until: number | null;
}

/** Who holds which unique key. */
export class UniqueKeys {
  readonly #holds = new Map<string, Hold>();
  /** Holds that end by time are looked for when their number has doubled. */
  #sweepAt = 1_024;

  /** Takes the task's key, or returns the other that holds it. */
  take(
    { id, uniqueKey, uniqueUntil }: Pick<TaskRecord, 'id' | 'uniqueKey' | 'uniqueUntil'>,
    now: number,
  ): string | null {
    // A key held for a time is not held again after it.
    if (uniqueKey === null || (uniqueUntil !== null && uniqueUntil <= now)) return null;
    const hold = this.#holds.get(uniqueKey);
    if (hold !== undefined && hold.holder !== id && isHeld(hold, now)) return hold.holder;
    this.#holds.set(uniqueKey, { holder: id, until: uniqueUntil });
    if (this.#holds.size >= this.#sweepAt) this.#sweep(now);
    return null;
  }

  /** A task that ended gives its key up, unless it holds it for a time. */
  release({ uniqueKey, uniqueUntil }: TaskRecord): void {
    if (uniqueKey !== null && uniqueUntil === null) this.#holds.delete(uniqueKey);
  }

  /** The insert of this task is taken back. */
  undo({ uniqueKey }: TaskRecord): void {
    if (uniqueKey !== null) this.#holds.delete(uniqueKey);
  }

  #sweep(now: number): void {
    for (const [key, hold] of this.#holds) if (!isHeld(hold, now)) this.#holds.delete(key);
    this.#sweepAt = Math.max(1_024, this.#holds.size * 2);
  }
}

function isHeld({ until }: Hold, now: number): boolean {
  return until === null || until > now;
}
