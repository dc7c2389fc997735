import { defineTask, type Engine, type TaskContext, type TaskDefinition } from '@omniq/core';

export interface HeldTask {
  readonly task: TaskDefinition<never>;
  /** One for each run so far, in order. */
  readonly runs: readonly PromiseWithResolvers<unknown>[];
  readonly contexts: readonly TaskContext[];
}

/** A task whose runs end when they are told to. */
export function held(): HeldTask {
  const runs: PromiseWithResolvers<unknown>[] = [];
  const contexts: TaskContext[] = [];
  const task = defineTask({
    name: 'held',
    run: (_: void, ctx) => {
      const run = Promise.withResolvers<unknown>();
      runs.push(run);
      contexts.push(ctx);
      return run.promise;
    },
  }) as TaskDefinition<never>;
  return { task, runs, contexts };
}

export async function enqueue(
  engine: Engine,
  task: TaskDefinition<never>,
  id: string,
  options: object = {},
): Promise<void> {
  await engine.enqueuer.enqueue({ task, input: undefined, options: { id, ...options } });
}
