/** A batch that lasts longer than this is handled by slow runs: claiming ahead would only hoard. */
const SLOW_MS = 50;
const FIRST = 16;

/**
 * How much to claim beyond the free slots. Grows while batches come back full and are used up quickly, so that fast
 * handlers share few round trips; shrinks to nothing when claimed tasks have to wait for a slot.
 */
export class Appetite {
  readonly #max: number;
  #ahead = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Asks again only when half of what was claimed ahead is used up, so that claims stay large. */
  wanted(free: number, buffered: number): number {
    return buffered > this.#ahead / 2 ? 0 : Math.max(0, free + this.#ahead - buffered);
  }

  /** A claim came back, `ms` after the one before. */
  claimed(got: number, asked: number, ms: number): void {
    if (got === asked && ms < SLOW_MS) this.#ahead = Math.min(this.#max, Math.max(FIRST, this.#ahead * 2));
  }

  /** A claimed task waited `ms` for its slot. */
  waited(ms: number): void {
    if (ms > SLOW_MS) this.#ahead = this.#ahead < FIRST ? 0 : Math.floor(this.#ahead / 2);
  }
}
