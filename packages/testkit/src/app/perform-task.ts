import {
  OmniQError,
  defineTask,
  isTaskDefinition,
  parseDuration,
  type EnqueueOptions,
  type Handler,
  type TaskContext,
  type TaskDefinition,
  type TaskSettings,
} from '@omniq/core';
import { asTask, type Executor } from '@omniq/core/worker';
import { AsyncExecutor } from '@omniq/worker-async';
import { graceMs } from './drive.ts';
import { openTestOmniQ, type TestOmniQOptions } from './open-test-omniq.ts';
import type { Ran } from './run-log.ts';
import type { TestOmniQ } from './test-omniq.ts';

export interface PerformOptions
  extends
    TaskSettings,
    Pick<EnqueueOptions, 'id' | 'correlationId'>,
    Pick<TestOmniQOptions, 'now' | 'patience' | 'logger' | 'codec'> {
  /** Which execution it is; default 1, the first. */
  readonly attempt?: number;
  /** Aborts `ctx.signal`, with its reason. */
  readonly signal?: AbortSignal;
  /** Lets the task's timeout pass while the handler runs. */
  readonly timesOut?: boolean;
  /** What `ctx.parents()` answers. */
  readonly parents?: readonly unknown[];
}

type Performed<Input, Output> =
  | TaskDefinition<Input, Output>
  | ((input: Input, ctx: TaskContext) => Output | Promise<Output>);

/**
 * Runs one task once, as a worker would: its input is checked and goes through bytes, its context is a real one, and its
 * result is what those who wait for it would get. No retry follows. Throws what the handler threw, or why it could not run.
 * @throws OmniQError `INVALID_INPUT`, `PAYLOAD_*`, `RUN_TIMEOUT`; AssertionError for a handler that does not end
 */
export async function performTask<Input, Output>(
  task: Performed<Input, Output>,
  ...[input, options = {}]: undefined extends Input
    ? [input?: Input, options?: PerformOptions]
    : [input: Input, options?: PerformOptions]
): Promise<Output> {
  const definition = isTaskDefinition(task)
    ? (task as TaskDefinition<never, Output>)
    : defineTask({ name: task.name || 'anonymous', run: task as Handler<unknown, Output> });
  const ran = await perform(definition as TaskDefinition<unknown, Output>, input, options);
  if (ran.outcome === 'completed') return ran.result as Output;
  throw ran.error;
}

async function perform(
  task: TaskDefinition<unknown, unknown>,
  input: unknown,
  { attempt = 1, signal, timesOut = false, parents = [], now, patience, logger, codec, ...enqueue }: PerformOptions,
): Promise<Ran> {
  const parent = defineTask({ name: 'performTask.parent', run: (index: number) => parents[index] });
  const kinds = new Set(['async', 'thread', 'process', enqueue.executor ?? task.settings.executor ?? 'async']);
  const { omniq, engine } = await openTestOmniQ({
    tasks: [task as TaskDefinition<never>, parent],
    executors: [...kinds].map((kind) => onEventLoop(kind, signal)),
    ...defined({ now, patience, logger, codec }),
  });
  try {
    const dependsOn = await omniq.enqueueMany(parents.map((_, index) => [parent, index]));
    await omniq.drain();
    const { id } = await omniq.enqueue(task, input, { ...enqueue, dependsOn });
    const before = { attempt: attemptsBefore(attempt) };
    await engine.stores.tasks.update([{ id, guard: { states: ['waiting'] }, set: before }], engine.clock.now());
    const timeout = enqueue.timeout ?? task.settings.timeout;
    const ran = timesOut ? await timeOut(omniq, timeout) : await omniq.drain({ runs: 1 });
    return ran.find((run) => run.id === id) as Ran;
  } finally {
    await omniq.close();
  }
}

/** Lets the timeout pass, and the grace after it for a handler that ignores it. */
async function timeOut(omniq: TestOmniQ, timeout: TaskSettings['timeout']): Promise<readonly Ran[]> {
  if (timeout === undefined)
    throw new OmniQError('INVALID_OPTION', 'The task has no timeout that could pass.', { hint: 'Give one: timeout.' });
  const ran = await omniq.advance(parseDuration(timeout, 'timeout'), { duringRuns: true });
  if (ran.every(({ outcome }) => outcome !== 'running')) return ran;
  // It was told to stop and may have to clean up, which takes real time.
  return omniq.drain({ runs: 1 }).catch(() => omniq.advance(graceMs, { duringRuns: true }));
}

/** @throws OmniQError `INVALID_OPTION` */
function attemptsBefore(attempt: number): number {
  if (Number.isInteger(attempt) && attempt >= 1) return attempt - 1;
  throw new OmniQError('INVALID_OPTION', `attempt is ${attempt}.`, { hint: 'The first is 1.' });
}

function onEventLoop(kind: string, signal: AbortSignal | undefined): Executor {
  const executor = new AsyncExecutor();
  return {
    kind,
    run(job) {
      const context = signal === undefined ? job.context : withSignal(job.context, signal);
      return asTask(context, () => executor.run({ ...job, context }));
    },
    kill: () => false,
    close: () => executor.close(),
  };
}

/** The same context, but for a signal that aborts with either. */
function withSignal(context: TaskContext, signal: AbortSignal): TaskContext {
  const either = AbortSignal.any([context.signal, signal]);
  return new Proxy(context, {
    get(target, key) {
      if (key === 'signal') return either;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
