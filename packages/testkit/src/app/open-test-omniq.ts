import { parseDuration, type Duration, type Engine, type Executor } from '@omniq/core';
import type { TaskSources } from '@omniq/omniq';
import { AsyncExecutor } from '@omniq/worker-async';
import { testEngine, type TestEngineOptions } from './test-engine.ts';
import { TestOmniQ, instantOf } from './test-omniq.ts';
import { VirtualTime } from './virtual-time.ts';

export interface TestOmniQOptions extends TestEngineOptions {
  /** What runs here: definitions, modules by path, or functions by name. */
  readonly tasks?: TaskSources;
  /** What time it is at first; default the real time, from where on it stands still. */
  readonly now?: Date | number | string;
  /** `true`: an enqueue runs what it enqueued, its retries without delay, before it resolves. Default `false`. */
  readonly inline?: boolean;
  /** Worked off first, in this order; then the others by name. */
  readonly queues?: readonly string[];
  /** Runs at once; default 1: one after the other. */
  readonly concurrency?: number;
  /** Where handlers run that ask for it; default on the event loop, whatever they ask for of `thread` and `process`. */
  readonly executors?: readonly Executor[];
  /** How much real time a run may take before a drain gives up on it; default 4 s, below the limit of most test runners. */
  readonly patience?: Duration;
  /** Module paths are taken from here; default the working folder. */
  readonly cwd?: string;
}

/**
 * A real queue over a memory of its own, in virtual time: nothing runs until it is drained, no time passes until it is
 * advanced, and delays have no jitter. Takes no configuration from files or the environment.
 * @throws OmniQError `INVALID_OPTION`
 */
export async function testOmniQ(options: TestOmniQOptions = {}): Promise<TestOmniQ> {
  return (await openTestOmniQ(options)).omniq;
}

/** {@link testOmniQ} together with its engine. */
export async function openTestOmniQ(
  options: TestOmniQOptions,
): Promise<{ readonly omniq: TestOmniQ; readonly engine: Engine }> {
  const { tasks = [], now = Date.now(), inline = false, queues = [], concurrency = 1, patience = '4s' } = options;
  const patienceMs = parseDuration(patience, 'patience');
  const time = new VirtualTime(instantOf(now));
  const { engine, close } = await testEngine(time, options);
  const omniq = new TestOmniQ({
    engine,
    time,
    tasks,
    inline,
    queues,
    concurrency,
    patienceMs,
    close,
    executors: executorsWith(options.executors ?? []),
    cwd: options.cwd ?? process.cwd(),
  });
  if (!Array.isArray(tasks)) await omniq.name(tasks as Parameters<TestOmniQ['name']>[0]);
  return { omniq, engine };
}

function executorsWith(given: readonly Executor[]): readonly Executor[] {
  const kinds = ['async', 'thread', 'process'];
  const inProcess = kinds.map((kind) => given.find((own) => own.kind === kind) ?? onEventLoop(kind));
  return [...inProcess, ...given.filter(({ kind }) => !kinds.includes(kind))];
}

function onEventLoop(kind: string): Executor {
  const executor = new AsyncExecutor();
  return { kind, run: (job) => executor.run(job), kill: () => false, close: () => executor.close() };
}
