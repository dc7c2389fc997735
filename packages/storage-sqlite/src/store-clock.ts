import { OmniQError } from '@omniq/core/storage';
import type { Connection, Statement } from './connection.ts';

const TIME = `SELECT CAST(round(unixepoch('subsec') * 1000) AS INTEGER)`;

const MAX_AHEAD_MS = 1_000;

/** SQLite's own clock: what all processes that share the file agree on. */
export class StoreClock {
  readonly #time: Statement;

  constructor(db: Connection) {
    this.#time = db.prepare(TIME).pluck();
  }

  /** Epoch ms. */
  time(): number {
    return this.#time.get() as number;
  }

  /** Returns the store's time. @throws OmniQError `CLOCK_SKEW` if `now` is more than a second ahead of it */
  check(now: number): number {
    const time = this.time();
    if (now <= time + MAX_AHEAD_MS) return time;
    throw new OmniQError('CLOCK_SKEW', `The time given is ${Math.round(now - time)} ms ahead of the store's.`, {
      hint: "Synchronise this machine's clock.",
      now,
      time,
    });
  }
}
