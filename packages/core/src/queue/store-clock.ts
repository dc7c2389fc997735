import type { Ambient } from '../clock.ts';
import type { TaskStore } from '../storage/task-store.ts';

/**
 * The task store's time. Kept as an offset to this machine's monotonic clock, so a stepped wall clock moves nothing; it
 * never runs backwards, and lags rather than leads what the store says.
 */
export class StoreClock {
  readonly #ambient: Ambient;
  readonly #store: TaskStore;
  #offset: number;
  #last = 0;

  constructor(ambient: Ambient, store: TaskStore) {
    this.#ambient = ambient;
    this.#store = store;
    this.#offset = ambient.clock.now() - ambient.clock.monotonic();
  }

  now(): number {
    const now = Math.floor(this.#ambient.clock.monotonic() + this.#offset);
    if (now > this.#last) this.#last = now;
    return this.#last;
  }

  /** Reads the store's clock, or this machine's for a store without one. */
  async sync(): Promise<void> {
    const time = this.#store.time === undefined ? this.#ambient.clock.now() : await this.#store.time();
    // The reply was under way: the store's clock is at least there by now.
    this.#offset = time - this.#ambient.clock.monotonic();
    if (this.#last > time) this.#last = time;
  }
}
