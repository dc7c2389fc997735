import { crashesBeforeAlone } from '../model/transition.ts';
import type { Run } from './run.ts';

export interface SlotHooks {
  /** Starts a run; `waitedMs` since its claim. May end it before it returns. */
  start(run: Run, waitedMs: number): void;
  /** Ms since some start. */
  now(): number;
}

/**
 * The runs of a worker: those that hold a slot, and those that were claimed ahead and wait for one, first come first
 * served. A task that took two workers down gets the whole worker to itself.
 */
export class Slots {
  readonly #size: number;
  readonly #hooks: SlotHooks;
  readonly #running = new Map<string, Run>();
  #waiting: { readonly run: Run; readonly since: number }[] = [];
  #isAlone = false;
  #filling = false;

  constructor(size: number, hooks: SlotHooks) {
    this.#size = size;
    this.#hooks = hooks;
  }

  get running(): readonly Run[] {
    return [...this.#running.values()];
  }

  get waiting(): readonly Run[] {
    return this.#waiting.map(({ run }) => run);
  }

  get runningCount(): number {
    return this.#running.size;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  get count(): number {
    return this.#running.size + this.#waiting.length;
  }

  /** Slots that a further run could take. */
  get free(): number {
    return this.#isAlone ? 0 : Math.max(0, this.#size - this.#running.size);
  }

  /** How long the first one waits for a slot, ms; 0 with none waiting. */
  get longestWaitMs(): number {
    const first = this.#waiting[0];
    return first === undefined ? 0 : this.#hooks.now() - first.since;
  }

  find(id: string): Run | undefined {
    return this.#running.get(id);
  }

  add(runs: readonly Run[]): void {
    const since = this.#hooks.now();
    for (const run of runs) this.#waiting.push({ run, since });
  }

  /** Starts what waits while slots are free. */
  fill(): void {
    let next = 0;
    while (next < this.#waiting.length && this.free > 0) {
      const { run, since } = this.#waiting[next] as { run: Run; since: number };
      const isSuspect = run.task.crashes >= crashesBeforeAlone;
      if (isSuspect && this.#running.size > 0) break;
      next += 1;
      this.#isAlone = isSuspect;
      this.#running.set(run.id, run);
      this.#hooks.start(run, this.#hooks.now() - since);
    }
    if (next > 0) this.#waiting = this.#waiting.slice(next);
  }

  /** A run is over; who waits gets its slot. Soon, not now: runs that end at once would nest one in the other. */
  leave(run: Run): void {
    if (this.#running.get(run.id) === run) this.#running.delete(run.id);
    if (run.task.crashes >= crashesBeforeAlone) this.#isAlone = false;
    if (this.#filling || this.#waiting.length === 0) return;
    this.#filling = true;
    queueMicrotask(() => {
      this.#filling = false;
      this.fill();
    });
  }

  /** Takes out what waits. */
  takeWaiting(): readonly Run[] {
    const runs = this.waiting;
    this.#waiting = [];
    return runs;
  }
}
