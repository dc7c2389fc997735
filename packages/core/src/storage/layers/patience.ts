import { gaveUp, isPassing } from '../failures.ts';
import type { MonotonicClock } from './instrumented.ts';

/** What waiting needs of its surroundings; the engine's `Ambient` is one. */
export interface RetrySurroundings {
  readonly clock: MonotonicClock;
  readonly timers: { after(ms: number, fn: () => void): () => void };
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface RetryOptions {
  /** Calls in all, the first included. Default 5. */
  readonly attempts?: number;
  /** The most that the first wait takes, in ms; each further one twice as much. Default 100. */
  readonly baseMs?: number;
  /** The most that any wait takes, in ms. Default 5,000. */
  readonly capMs?: number;
}

/** Makes a call until it succeeds, fails for good, or was tried often enough. Tells how often it failed before. */
export class Patience {
  readonly #surroundings: RetrySurroundings;
  readonly #attempts: number;
  readonly #baseMs: number;
  readonly #capMs: number;

  constructor(surroundings: RetrySurroundings, { attempts = 5, baseMs = 100, capMs = 5_000 }: RetryOptions) {
    this.#surroundings = surroundings;
    this.#attempts = attempts;
    this.#baseMs = baseMs;
    this.#capMs = capMs;
  }

  async try<T>(call: () => Promise<T>): Promise<{ readonly value: T; readonly failures: number }> {
    const { clock } = this.#surroundings;
    const start = clock.monotonic();
    for (let failures = 0; ; failures++) {
      try {
        return { value: await call(), failures };
      } catch (error) {
        if (!isPassing(error)) throw error;
        if (failures + 1 >= this.#attempts)
          throw failures === 0 ? error : gaveUp(error, failures + 1, clock.monotonic() - start);
      }
      await this.#wait(failures);
    }
  }

  /** Full jitter: a fleet that lost its store together does not come back together. */
  #wait(failures: number): Promise<void> {
    const { random, timers } = this.#surroundings;
    const ms = random() * Math.min(this.#capMs, this.#baseMs * 2 ** failures);
    return new Promise((resolve) => {
      timers.after(ms, resolve);
    });
  }
}
