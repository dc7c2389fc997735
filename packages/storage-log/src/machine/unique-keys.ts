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

  /** Who keeps this task from taking the key, if anybody does. */
  holder({ key, until }: UniqueKey, id: string, now: number): string | null {
    // A key held for a time is not held again after it.
    if (until !== null && until <= now) return null;
    const hold = this.holds.get(key);
    return hold !== undefined && hold.holder !== id && isHeld(hold, now) ? hold.holder : null;
  }

  /** Takes the key for a task, or returns the other that holds it. */
  take(unique: UniqueKey, id: string, now: number): string | null {
    const holder = this.holder(unique, id, now);
    if (holder !== null || (unique.until !== null && unique.until <= now)) return holder;
    // Last in the order of the map, whoever held it before: replicas must agree on that too.
    this.holds.delete(unique.key);
    this.holds.set(unique.key, { holder: id, until: unique.until });
    if (this.holds.size >= this.sweepAt) this.#sweep(now);
    return null;
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
