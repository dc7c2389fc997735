import type { UniqueKey } from '@omniq/core/storage';
import type { TaskRecord } from './task-record.ts';

export interface Hold {
  readonly holder: string;
  /** `null`: while the holder lives. */
  readonly until: number | null;
}

/** Who holds which unique key. */
export class UniqueKeys {
  readonly holds: Map<string, Hold> = new Map();
  /** Holds that end by time are looked for when their number has doubled. */
  sweepAt = 1_024;

  /** Who holds the key, if anybody does: a task that was forgotten still does until the time it was given. */
  holder(key: string, now: number): string | null {
    const hold = this.holds.get(key);
    return hold !== undefined && isHeld(hold, now) ? hold.holder : null;
  }

  /** Takes the key for a new task, or returns who holds it. */
  take(unique: UniqueKey, id: string, now: number): string | null {
    const holder = this.holder(unique.key, now);
    if (holder === null) this.#hold(unique, id, now);
    return holder;
  }

  /** Takes the key for a task that comes back, or returns the other that holds it. A time that is over claims nothing. */
  retake(unique: UniqueKey, id: string, now: number): string | null {
    if (unique.until !== null && unique.until <= now) return null;
    const holder = this.holder(unique.key, now);
    if (holder !== null && holder !== id) return holder;
    this.#hold(unique, id, now);
    return null;
  }

  #hold({ key, until }: UniqueKey, id: string, now: number): void {
    if (until !== null && until <= now) return;
    // Last in the order of the map, whoever held it before: replicas must agree on that too.
    this.holds.delete(key);
    this.holds.set(key, { holder: id, until });
    if (this.holds.size >= this.sweepAt) this.#sweep(now);
  }

  /** A task that ended gives its key up, unless it holds it for a time. */
  release({ id, rare: { uniqueKey, uniqueUntil } }: TaskRecord): void {
    if (uniqueKey !== null && uniqueUntil === null && this.holds.get(uniqueKey)?.holder === id)
      this.holds.delete(uniqueKey);
  }

  #sweep(now: number): void {
    for (const [key, hold] of this.holds) if (!isHeld(hold, now)) this.holds.delete(key);
    this.sweepAt = Math.max(1_024, this.holds.size * 2);
  }
}

function isHeld({ until }: Hold, now: number): boolean {
  return until === null || until > now;
}
