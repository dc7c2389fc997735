import { OmniQError, type Handler, type TaskDefinition } from '@omniq/core';
import { unwatch, watch, type TaskCall, type Watcher } from './watchers.ts';

/** Sees every run of one task until it is restored, and can take its handler's place. Made by {@link spyOn}. */
export class TaskSpy<Input = unknown, Output = unknown> {
  readonly #handler: object;
  readonly #watcher: Watcher = { calls: [], stub: null };

  constructor(handler: object) {
    this.#handler = handler;
    watch(handler, this.#watcher);
  }

  /** Every run so far, in the order they started. */
  get calls(): readonly TaskCall<Input, Output>[] {
    return this.#watcher.calls as TaskCall<Input, Output>[];
  }

  /** Runs `handler` in place of the task's own until the spy is restored. Of several stubs the newest counts. */
  stub(handler: Handler<Input, Output>): this {
    this.#watcher.stub = handler as Handler<unknown, unknown>;
    return this;
  }

  /** Forgets the calls so far. */
  reset(): void {
    this.#watcher.calls = [];
  }

  /** Sees nothing more and gives the task its handler back; the calls stay. */
  restore(): void {
    unwatch(this.#handler, this.#watcher);
  }

  [Symbol.dispose](): void {
    this.restore();
  }
}

/**
 * Watches the runs of a task in every `testOmniQ` and `performTask` of this process, and in workers with a
 * `SpiedExecutor`.
 * @throws OmniQError `INVALID_OPTION` for a contract, which has no code to watch
 */
export function spyOn<Input, Output>(
  task: TaskDefinition<Input, Output> | ((input: Input, ...rest: never[]) => Output | Promise<Output>),
): TaskSpy<Input, Output> {
  const handler = typeof task === 'function' ? task : task.run;
  if (handler !== undefined) return new TaskSpy(handler);
  throw new OmniQError('INVALID_OPTION', `The task ${(task as TaskDefinition).name} is a contract without code.`, {
    hint: 'Spy on what implement(contract, run) returns.',
  });
}
