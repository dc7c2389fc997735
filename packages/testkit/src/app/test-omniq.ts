import {
  OmniQError,
  currentTask,
  parseDuration,
  type Duration,
  type Engine,
  type EnqueueOptions,
  type Executor,
} from '@omniq/core';
import { OmniQ, type EnqueueEntry, type TaskHandle, type TaskSources, type TaskTarget } from '@omniq/omniq';
import { Drive, type DueOptions } from './drive.ts';
import { RunLog, type Ran } from './run-log.ts';
import { SpiedExecutor } from './spied-executor.ts';
import type { VirtualTime } from './virtual-time.ts';

export type DrainOptions = DueOptions;

export interface AdvanceOptions {
  /**
   * Lets time pass while tasks run, so that their timeouts come; default `false`: the clock waits for every run, however
   * long it really takes.
   */
  readonly duringRuns?: boolean;
}

/** What `testOmniQ` gathers for a {@link TestOmniQ}. */
export interface TestParts {
  readonly engine: Engine;
  readonly time: VirtualTime;
  readonly tasks: TaskSources;
  readonly executors: readonly Executor[];
  readonly queues: readonly string[];
  readonly concurrency: number;
  readonly patienceMs: number;
  readonly inline: boolean;
  readonly cwd: string;
  readonly close: () => Promise<void>;
}

/** A task queue in which nothing happens by itself: tasks run when they are drained, and time passes when it is told to. */
export class TestOmniQ extends OmniQ {
  /** Whether an enqueue runs what it enqueued before it resolves. May be changed at any time. */
  inline: boolean;
  readonly #time: VirtualTime;
  readonly #log: RunLog;
  readonly #drive: Drive;
  #last: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;

  constructor({ engine, time, tasks, executors, queues, concurrency, patienceMs, inline, cwd, close }: TestParts) {
    const log = new RunLog(engine);
    const spied = executors.map((inner) => new SpiedExecutor(inner, inner.kind, (job) => log.started(job)));
    super({ engine, cwd, close, workDefaults: { executors: spied } });
    this.inline = inline;
    this.#time = time;
    this.#log = log;
    this.#drive = new Drive({
      engine,
      time,
      log,
      queues,
      patienceMs,
      hire: (wanted, limit) => super.work({ tasks, queues: wanted, limit, concurrency, prefetch: 0, untilEmpty: true }),
    });
  }

  /** What time it is here, epoch ms. */
  now(): number {
    return this.#time.now;
  }

  /**
   * Runs everything that is due, and what becomes due by that (children, retries without delay), until nothing is. The
   * clock stands still. Returns what ran, in the order of the starts.
   * @throws OmniQError `TASK_UNKNOWN` for a due task that was not given to `testOmniQ`; AssertionError if there is no end
   */
  drain(options: DrainOptions = {}): Promise<readonly Ran[]> {
    return this.#recorded('drain', () => this.#drive.runDue(options));
  }

  /** Lets so much time pass and runs what becomes due on the way, each at its time. Throws as {@link drain}. */
  async advance(span: Duration, options: AdvanceOptions = {}): Promise<readonly Ran[]> {
    const ms = parseDuration(span, 'advance');
    return this.#recorded('advance', () => this.#pass(this.now() + ms, options));
  }

  /** {@link advance} up to an instant. @throws OmniQError `INVALID_OPTION` if it is past */
  async advanceTo(instant: Date | number | string, options: AdvanceOptions = {}): Promise<readonly Ran[]> {
    const target = instantOf(instant);
    return this.#recorded('advanceTo', () => this.#pass(target, options));
  }

  override async enqueue<Input, Output>(
    task: TaskTarget<Input, Output>,
    ...given: undefined extends Input
      ? [input?: Input, options?: EnqueueOptions]
      : [input: Input, options?: EnqueueOptions]
  ): Promise<TaskHandle<Output>> {
    const handle = await super.enqueue(task, ...given);
    if (this.inline) await this.#playOut();
    return handle;
  }

  override async enqueueMany(entries: readonly EnqueueEntry[]): Promise<readonly TaskHandle[]> {
    const handles = await super.enqueueMany(entries);
    if (this.inline) await this.#playOut();
    return handles;
  }

  override async *enqueueAll(
    entries: Iterable<EnqueueEntry> | AsyncIterable<EnqueueEntry>,
    options: { readonly chunk?: number } = {},
  ): AsyncGenerator<TaskHandle, void, undefined> {
    for await (const handle of super.enqueueAll(entries, options)) {
      if (this.inline) await this.#playOut();
      yield handle;
    }
  }

  /** Aborts what still runs, closes the memory. Needs no time to pass. */
  override close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    let isClosed = false;
    const closed = super.close().finally(() => {
      isClosed = true;
    });
    // Shutdown deadlines are time as well.
    await this.#time.rest();
    while (!isClosed && this.#time.nextTimerAt < Number.POSITIVE_INFINITY)
      await this.#time.moveTo(this.#time.nextTimerAt);
    await closed;
  }

  #pass(target: number, { duringRuns = false }: AdvanceOptions): Promise<void> {
    if (target >= this.now()) return this.#drive.passTo(target, duringRuns);
    const [now, past] = [this.now(), target].map((at) => new Date(at).toISOString());
    throw new OmniQError('INVALID_OPTION', `It is ${now} already, and time does not run back to ${past}.`, {
      hint: 'Start earlier: testOmniQ({ now }).',
    });
  }

  /** A run that enqueues waits for what it enqueued, so that goes first; others wait for their turn. */
  #playOut(): Promise<void> {
    return this.#isInside() ? this.#drive.playOut(true) : this.#inTurn(() => this.#drive.playOut(false));
  }

  async #recorded(verb: string, work: () => Promise<void>): Promise<readonly Ran[]> {
    if (this.#isInside()) {
      throw new OmniQError('CONFLICT', `${verb} was called by a task that it would have to wait for.`, {
        hint: 'Call it from the test.',
      });
    }
    return this.#inTurn(async () => {
      const from = this.#log.length;
      const open = this.#log.open;
      await work();
      return this.#log.since(from, open);
    });
  }

  /** Whether this is called by a run of this queue. */
  #isInside(): boolean {
    const task = currentTask();
    return task !== undefined && this.#log.isRunning(task.id);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

/** @throws OmniQError `INVALID_OPTION` */
export function instantOf(instant: Date | number | string): number {
  const at = instant instanceof Date ? instant.getTime() : typeof instant === 'number' ? instant : parse(instant);
  if (Number.isFinite(at)) return at;
  throw new OmniQError('INVALID_OPTION', `${String(instant)} is no instant.`, {
    hint: 'Give a Date, epoch milliseconds, or an ISO 8601 text with its zone such as 2027-01-31T09:00:00Z.',
  });
}

function parse(text: string): number {
  return /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
}
