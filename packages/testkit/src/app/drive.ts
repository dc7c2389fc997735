import { AssertionError } from 'node:assert';
import { OmniQError, Sweeper, type Engine, type Worker } from '@omniq/core';
import { endsWithin } from './patience.ts';
import type { RunLog } from './run-log.ts';
import type { VirtualTime } from './virtual-time.ts';

/** After its timeout a run has so long to notice its signal; then it is given up. */
export const graceMs = 5_000;

const PAGE = 1_000;

export interface DriveParts {
  readonly engine: Engine;
  readonly time: VirtualTime;
  readonly log: RunLog;
  /** Starts a worker that ends once nothing is due, or after so many runs. */
  readonly hire: (queues: readonly string[], runs: number) => Promise<Worker>;
  /** Drained first, in this order. */
  readonly queues: readonly string[];
  /** Real ms. */
  readonly patienceMs: number;
}

export interface DueOptions {
  /** Default all, those given to `testOmniQ` first, then the others by name. */
  readonly queues?: readonly string[] | undefined;
  /** At most so many runs; default all. */
  readonly runs?: number | undefined;
}

/** More runs than this in one go are taken for an endless chain. */
const MOST_RUNS = 10_000;

/** Lets a queue work and time pass, step by step, by workers of the real runtime that live as long as something is due. */
export class Drive {
  readonly #parts: DriveParts;
  readonly #sweeper: Sweeper;
  /** Still at work, since time passed during its runs. */
  #left: Worker | null = null;

  constructor(parts: DriveParts) {
    this.#parts = parts;
    this.#sweeper = new Sweeper(parts.engine);
  }

  /** Runs all that is due and what becomes due by that; `inside` of a run, by others than its worker. @throws OmniQError `TASK_UNKNOWN`; AssertionError */
  async runDue({ queues, runs = MOST_RUNS + 1 }: DueOptions = {}, inside = false): Promise<void> {
    const { log } = this.#parts;
    await this.#settle();
    const first = log.length;
    for (let before = -1; before !== log.length && log.length < first + runs;) {
      before = log.length;
      const worker = (inside ? null : this.#takeLeft()) ?? (await this.#hireFor(queues, first + runs - log.length));
      if (worker === null) return;
      await this.#endOf(worker);
      this.#checkKnown(first);
      if (log.length > first + MOST_RUNS) throw endless(log.length - first);
    }
  }

  /** Moves the clock, and stops wherever something becomes due on the way. */
  async passTo(target: number, duringRuns: boolean): Promise<void> {
    const { engine, time } = this.#parts;
    const come = (): Promise<void> => (duringRuns ? this.#startDue() : this.runDue());
    let news = false;
    const deaf = engine.onWaiting(() => {
      news = true;
    });
    try {
      await this.#settle();
      await come();
      while (time.now < target) {
        const due = await this.#nextDue(target);
        news = false;
        await time.moveTo(due, () => news);
        await this.#sweeper.sweep();
        await come();
      }
    } finally {
      deaf();
    }
  }

  /** Runs what is due to its end: what waits for its next attempt gets it at once. */
  async playOut(inside: boolean): Promise<void> {
    const { engine, log } = this.#parts;
    for (;;) {
      const from = log.length;
      await this.runDue({}, inside);
      const ids = log.retrying(from);
      if (ids.length === 0) return;
      const now = engine.clock.now();
      const changes = ids.map((id) => ({ id, guard: { states: ['waiting'] as const }, set: { runAt: now } }));
      await engine.stores.tasks.update(changes, now);
    }
  }

  /** What was enqueued without being awaited is there. */
  async #settle(): Promise<void> {
    await this.#parts.time.rest();
    await this.#parts.engine.enqueuer.idle();
  }

  /** Starts what is due and does not wait for its end. */
  async #startDue(): Promise<void> {
    const { time } = this.#parts;
    for (;;) {
      await time.rest();
      if (this.#left !== null) return;
      const worker = await this.#hireFor(undefined, MOST_RUNS);
      if (worker === null) return;
      this.#left = worker;
      void worker.done.then(() => {
        if (this.#left === worker) this.#left = null;
      });
    }
  }

  #takeLeft(): Worker | null {
    const worker = this.#left;
    this.#left = null;
    return worker;
  }

  /** `null` when nothing is due. */
  async #hireFor(queues: readonly string[] | undefined, runs: number): Promise<Worker | null> {
    const { engine, hire } = this.#parts;
    const wanted = queues ?? (await this.#allQueues());
    if (wanted.length === 0) return null;
    const { items } = await engine.tasks.list({ state: 'pending', queue: wanted, limit: 1 });
    return items.length === 0 ? null : hire(wanted, runs);
  }

  async #allQueues(): Promise<readonly string[]> {
    const known = (await this.#parts.engine.queues.list()).map(({ name }) => name);
    return [...new Set([...this.#parts.queues, ...known])];
  }

  async #endOf(worker: Worker): Promise<void> {
    const { time, log, patienceMs } = this.#parts;
    const ended = await endsWithin(patienceMs, worker.done);
    // What follows from the last run, such as the release of its children.
    await time.rest();
    if (ended) return;
    this.#left = worker;
    throw stuck(log.running, patienceMs);
  }

  #checkKnown(from: number): void {
    const strange = this.#parts.log.strange(from);
    if (strange === undefined) return;
    const unknown = strange.reason === 'task_unknown';
    throw new OmniQError(
      'TASK_UNKNOWN',
      unknown ? `Nothing here runs the task ${strange.name}.` : `No executor here runs the task ${strange.name}.`,
      {
        hint: unknown
          ? 'Give it to testOmniQ({ tasks: [...] }); a contract as implement(contract, run).'
          : 'Give the executor that it asks for to testOmniQ({ executors: [...] }).',
        name: strange.name,
      },
    );
  }

  /** When time does something to a task next, at most `target`. */
  async #nextDue(target: number): Promise<number> {
    const { tasks } = this.#parts.engine.stores;
    const now = this.#parts.time.now;
    const queues = await this.#allQueues();
    const due = queues.length === 0 ? null : await tasks.nextDue?.(queues, now);
    let next = Math.min(target, due ?? target);
    let after: string | undefined;
    do {
      const page = await tasks.list({
        states: ['waiting', 'blocked'],
        expiresBy: next,
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      });
      for (const { expiresAt } of page.items)
        if (expiresAt !== null && expiresAt > now) next = Math.min(next, expiresAt);
      after = page.next;
    } while (after !== undefined);
    return next;
  }
}

function endless(runs: number): AssertionError {
  return new AssertionError({
    message:
      `${runs} tasks ran and more are due. Does a task enqueue itself? ` +
      'If there are really so many, drain them in parts: drain({ runs }).',
  });
}

function stuck(running: readonly string[], patienceMs: number): AssertionError {
  return new AssertionError({
    message:
      `Still running after ${patienceMs} ms of real time: ${running.join(', ')}. The clock stands still while tasks run. ` +
      "If a run waits for its timeout, let time pass meanwhile: advance('30s', { duringRuns: true }). If it waits for " +
      'another task, give testOmniQ a higher concurrency. If it needs that long, give testOmniQ more patience.',
  });
}
