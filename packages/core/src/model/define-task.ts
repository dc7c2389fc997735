import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../duration.ts';
import { OmniQError } from '../errors.ts';
import { checkName } from '../storage/names.ts';
import type { RetryOptions } from './retry.ts';
import type { TaskContext } from './task-context.ts';

/** A task's function. Its result is stored; what it throws is stored as its error. */
export type Handler<Input, Output> = (input: Input, ctx: TaskContext) => Output | Promise<Output>;

/** What can be said of a task once, and again for a single enqueue. */
export interface TaskSettings {
  /** Default `default`. */
  readonly queue?: string;
  /** -1000 to 1000, higher first; default 0. */
  readonly priority?: number;
  readonly retry?: RetryOptions;
  /** Of one run; default none. */
  readonly timeout?: Duration;
  /** Not started by then (from the enqueue): `expired`. Default none. */
  readonly ttl?: Duration;
  /** How long the result is kept after the end; default as long as the task. */
  readonly resultTtl?: Duration;
  /** The kind of worker it asks for; default any. */
  readonly executor?: string;
}

export interface TaskOptions<In extends StandardSchemaV1, Out> extends TaskSettings {
  /** The stable name that is stored and that workers look up. */
  readonly name: string;
  /** Any Standard Schema (zod, valibot, arktype ...); checked at enqueue and again before the run. */
  readonly input?: In;
  readonly run: Handler<StandardSchemaV1.InferOutput<In>, Out>;
}

/** A task: a name, what its input looks like, how it is run. Plain data and one function; belongs to no queue object. */
export interface TaskDefinition<Input = unknown, Output = unknown> {
  readonly name: string;
  readonly settings: TaskSettings;
  readonly input: StandardSchemaV1 | undefined;
  /** Absent in a contract: a producer that does not carry the code. */
  readonly run: Handler<never, Output> | undefined;
  /** Never set: holds the type of the input as enqueued, which `run` may see transformed. */
  readonly '~input'?: (input: Input) => void;
}

/**
 * Defines a task.
 * @throws OmniQError `INVALID_NAME` if the name is empty, too long or has control characters.
 */
export function defineTask<Out, In extends StandardSchemaV1>(
  options: TaskOptions<In, Out> & { readonly input: In },
): TaskDefinition<StandardSchemaV1.InferInput<In>, Out>;
export function defineTask<Out, Input = void>(
  options: TaskSettings & { readonly name: string; readonly run: Handler<Input, Out> },
): TaskDefinition<Input, Out>;
export function defineTask(
  options: TaskSettings & { name: string; input?: StandardSchemaV1; run: Handler<never, unknown> },
): TaskDefinition {
  if (typeof options.run !== 'function') {
    throw new OmniQError('INVALID_OPTION', `The task ${options.name} has no run function.`, {
      hint: 'Give run: async (input, ctx) => …, or use defineContract in code that only enqueues.',
    });
  }
  return define(options);
}

/** A task without its code, for processes that only enqueue it. @throws OmniQError `INVALID_NAME` */
export function defineContract<In extends StandardSchemaV1>(
  options: TaskSettings & { readonly name: string; readonly input: In },
): TaskDefinition<StandardSchemaV1.InferInput<In>, unknown>;
export function defineContract<Input = void, Output = unknown>(
  options: TaskSettings & { readonly name: string },
): TaskDefinition<Input, Output>;
export function defineContract(
  options: TaskSettings & { readonly name: string; readonly input?: StandardSchemaV1 },
): TaskDefinition {
  return define(options);
}

/** Gives a contract its code. */
export function implement<Input, Out>(
  contract: TaskDefinition<Input, unknown>,
  run: Handler<Input, Out>,
): TaskDefinition<Input, Out> {
  return Object.freeze({ ...contract, run });
}

function define<Input, Out>(
  options: TaskSettings & { name: string; input?: StandardSchemaV1; run?: Handler<never, Out> },
): TaskDefinition<Input, Out> {
  const { name, input, run, ...settings } = options;
  checkName(name, 'task name');
  return Object.freeze({ name, settings, input, run });
}

/** Tells a definition from a function or a name. */
export function isTaskDefinition(value: unknown): value is TaskDefinition<never> {
  return typeof value === 'object' && value !== null && 'name' in value && 'settings' in value && 'run' in value;
}
