import type { Timers } from '../clock.ts';

/** More instants than this are left to the poll. */
const MOST = 1_000;

/** Rings at instants that this process knows of: delayed tasks that it enqueued, retries that it scheduled. */
export class Alarms {
  readonly #timers: Timers;
  readonly #ring: () => void;
  /** Soonest last. */
  #instants: number[] = [];
  #armedFor = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | null = null;

  constructor(timers: Timers, ring: () => void) {
    this.#timers = timers;
    this.#ring = ring;
  }

  at(instant: number, now: number): void {
    if (instant <= now) return this.#ring();
    if (this.#instants.length >= MOST && instant >= (this.#instants[0] as number)) return;
    const after = this.#instants.findLastIndex((other) => other >= instant);
    if (this.#instants[after] === instant) return;
    this.#instants.splice(after + 1, 0, instant);
    if (this.#instants.length > MOST) this.#instants.shift();
    if (instant < this.#armedFor) this.#arm(now);
  }

  stop(): void {
    this.#cancel?.();
    this.#instants = [];
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #arm(now: number): void {
    this.#cancel?.();
    const next = this.#instants.at(-1);
    this.#armedFor = next ?? Number.POSITIVE_INFINITY;
    if (next === undefined) return;
    this.#cancel = this.#timers.after(
      next - now,
      () => {
        this.#instants.pop();
        this.#ring();
        this.#arm(next);
      },
      'background',
    );
  }
}
