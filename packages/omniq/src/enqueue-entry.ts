import type { EnqueueOptions, TaskDefinition } from '@omniq/core';

/** A definition, a wire name or module reference (`'./tasks.ts#resize'`), or a function that was given a name. */
export type TaskTarget<Input, Output> =
  | TaskDefinition<Input, Output>
  | string
  | ((input: Input, ...rest: never[]) => Output | Promise<Output>);

/** What follows the task: an input that may be `undefined` may be left out. */
export type EnqueueArguments<Input> = undefined extends Input
  ? [input?: Input, options?: EnqueueOptions]
  : [input: Input, options?: EnqueueOptions];

/** One enqueue in a batch: task, input, options. */
export type EnqueueEntry = readonly [
  task: TaskTarget<never, unknown>,
  input?: unknown,
  options?: EnqueueOptions | undefined,
];
