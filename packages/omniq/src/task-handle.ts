import type { Attempt, Engine, Task } from '@omniq/core';
import { parseDuration, type Duration } from '@omniq/core';

export interface ResultOptions {
  /** How long to wait for the end; default for ever. */
  readonly timeout?: Duration;
  readonly signal?: AbortSignal;
}

/** One enqueued task, wherever it runs. Holds an id and nothing else: make one from any id with `omniq.handle(id)`. */
export class TaskHandle<Output = unknown> {
  readonly id: string;
  /** `false` when the enqueue was a no-op: the id was there already, or its unique key was held by this task. */
  readonly inserted: boolean;
  readonly #engine: Engine;
  readonly #arriving: boolean;

  /** @param arriving the task is on its way through an outbox, so it may not be there yet */
  constructor(engine: Engine, id: string, inserted: boolean, arriving = false) {
    this.#engine = engine;
    this.#arriving = arriving;
    this.id = id;
    this.inserted = inserted;
  }

  /**
   * Waits until the task has ended and resolves with what it returned.
   * @throws OmniQError `TASK_FAILED` (the task's own error is the cause), `TASK_CANCELLED`, `TASK_EXPIRED`,
   * `RESULT_TIMEOUT`, `RESULT_EXPIRED`, `TASK_NOT_FOUND`
   */
  async result({ timeout, signal }: ResultOptions = {}): Promise<Output> {
    const timeoutMs = timeout === undefined ? null : parseDuration(timeout, 'timeout');
    return (await this.#engine.results.wait(this.id, timeoutMs, signal, this.#arriving)) as Output;
  }

  /** What the task is now; `undefined` once it has been forgotten. */
  get(): Promise<Task | undefined> {
    return this.#engine.tasks.get(this.id);
  }

  /** Every execution so far, oldest first. */
  attempts(): Promise<readonly Attempt[]> {
    return this.#engine.tasks.attempts(this.id);
  }

  /** @returns `cancelled`, or `requested` for a task that runs and is being told to stop */
  cancel(): Promise<'cancelled' | 'requested'> {
    return this.#engine.tasks.cancel(this.id);
  }

  /** Sends the ended task back into its queue. */
  redrive(): Promise<void> {
    return this.#engine.tasks.redrive(this.id);
  }
}
