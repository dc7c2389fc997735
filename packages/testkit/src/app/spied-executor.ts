import type { Executor, Job, Outcome } from '@omniq/core/worker';
import { AsyncExecutor } from '@omniq/worker-async';
import { runWatched } from './watchers.ts';

/** What a job came to, before the runtime judges it. */
export interface Finished {
  readonly job: Job;
  /** `null` while it runs. */
  outcome: Outcome | null;
}

/**
 * An executor whose runs are seen by spies: give it to a worker of `createOmniQ` whose tasks are spied on. Runs handlers
 * on the event loop of this process unless another executor is given.
 */
export class SpiedExecutor implements Executor {
  readonly kind: string;
  readonly #inner: Executor;
  readonly #own = new AsyncExecutor();
  readonly #started: (job: Finished) => void;

  /** @param started called as each job starts */
  constructor(inner: Executor = new AsyncExecutor(), kind: string = inner.kind, started?: (job: Finished) => void) {
    this.kind = kind;
    this.#inner = inner;
    this.#started = started ?? ((): void => {});
  }

  run(job: Job): Outcome | Promise<Outcome> {
    const finished: Finished = { job, outcome: null };
    this.#started(finished);
    const outcome = runWatched(
      job,
      (given) => this.#inner.run(given),
      (given) => this.#own.run(given),
    );
    if (!(outcome instanceof Promise)) return (finished.outcome = outcome);
    return outcome.then((ended) => (finished.outcome = ended));
  }

  kill(id: string): boolean {
    return this.#inner.kill(id);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
