import type { Ambient, Clock, Timers } from '@omniq/core';

interface Timer {
  /** Monotonic ms. */
  readonly dueAt: number;
  readonly fn: () => void;
}

// Taken before any test can put fake timers in their place.
const { setImmediate: immediately } = globalThis;

/**
 * Time that stands still until it is moved, and that knows when the engine has come to rest: all that an engine over a
 * store in memory does happens in microtasks and in turns that it asks for here.
 */
export class VirtualTime implements Ambient {
  readonly clock: Clock;
  readonly timers: Timers;
  /** The middle of every range: delays have no jitter. */
  readonly random = (): number => 0.5;
  readonly #start: number;
  /** Those of one instant fire in the order they were set. */
  readonly #timers = new Set<Timer>();
  #passed = 0;
  #openTurns = 0;

  /** @param start epoch ms */
  constructor(start: number) {
    this.#start = start;
    this.clock = { now: () => this.now, monotonic: () => this.#passed };
    this.timers = { after: (ms, fn) => this.#after(ms, fn), turn: () => this.#turn() };
  }

  /** Epoch ms. */
  get now(): number {
    return this.#start + this.#passed;
  }

  /** When the next timer is due, epoch ms; `Infinity` without any. */
  get nextTimerAt(): number {
    const next = this.#next();
    return next === undefined ? Number.POSITIVE_INFINITY : this.#start + next.dueAt;
  }

  /** Resolves when nothing moves but what waits for time, or for something outside such as I/O. */
  async rest(): Promise<void> {
    do await turn();
    while (this.#openTurns > 0);
  }

  /** Fires every timer that is due by `instant`, each at its own time, and ends there; or at the one that made it `halt`. */
  async moveTo(instant: number, halt: () => boolean = () => false): Promise<void> {
    const until = instant - this.#start;
    for (let timer = this.#next(); timer !== undefined && timer.dueAt <= until; timer = this.#next()) {
      this.#timers.delete(timer);
      this.#passed = Math.max(this.#passed, timer.dueAt);
      timer.fn();
      await this.rest();
      if (halt()) return;
    }
    this.#passed = Math.max(this.#passed, until);
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (first === undefined || timer.dueAt < first.dueAt) first = timer;
    return first;
  }

  #after(ms: number, fn: () => void): () => void {
    const timer = { dueAt: this.#passed + Math.max(0, ms), fn };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  async #turn(): Promise<void> {
    this.#openTurns += 1;
    await turn();
    this.#openTurns -= 1;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => immediately(resolve));
}
