import type { RetrySurroundings } from '../../src/storage/layers/patience.ts';

/** Time that passes only by waiting for it, at once and in order. */
export class VirtualTime implements RetrySurroundings {
  readonly waits: number[] = [];
  readonly random: () => number;
  #now = 0;

  constructor(random: () => number = () => 0.5) {
    this.random = random;
  }

  readonly clock = { monotonic: (): number => this.#now };

  readonly timers = {
    after: (ms: number, fn: () => void): (() => void) => {
      this.waits.push(ms);
      let isCancelled = false;
      queueMicrotask(() => {
        this.#now += ms;
        if (!isCancelled) fn();
      });
      return () => {
        isCancelled = true;
      };
    },
  };

  pass(ms: number): void {
    this.#now += ms;
  }
}
