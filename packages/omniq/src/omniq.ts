import {
  OmniQError,
  Worker,
  defaultRetention,
  isTaskDefinition,
  parseDuration,
  type Duration,
  type Engine,
  type EnqueueRequest,
  type EventFilter,
  type EventLevel,
  type EventListener,
  type Executor,
  type Page,
  type QueueAdmin,
  type Retention,
  type TaskAdmin,
  type TaskDefinition,
  type TaskEvent,
} from '@omniq/core';
import { AsyncExecutor } from '@omniq/worker-async';
import type { EnqueueArguments, EnqueueEntry, TaskTarget } from './enqueue-entry.ts';
import { QueueWithin } from './queue-within.ts';
import { relayWorker } from './relay-worker.ts';
import { TaskHandle } from './task-handle.ts';
import { loadTasks, referenceName, type PlainFunction, type TaskSources } from './task-sources.ts';

export interface WorkOptions {
  readonly tasks: TaskSources;
  /** Strictly in this order; default `['default']`. */
  readonly queues?: readonly string[];
  /** Runs at once; default 10. */
  readonly concurrency?: number;
  /** Default: on the event loop of this process. */
  readonly executors?: readonly Executor[];
  /** How long others wait, hearing nothing, before they take this worker for gone; default 30 s. */
  readonly lease?: Duration;
  /** How often an idle worker looks though nothing woke it, and up to half as long again; default 2 s. */
  readonly poll?: Duration;
  /** The most tasks claimed beyond the free slots while handlers are fast; default 500. */
  readonly prefetch?: number;
  /** How long `stop` waits for runs to end before it aborts them; default 30 s. */
  readonly shutdownTimeout?: Duration;
  /** Stops after so many runs. */
  readonly limit?: number;
  /** Stops after so long. */
  readonly duration?: Duration;
  /** Stops once nothing is due and nothing runs. */
  readonly untilEmpty?: boolean;
}

/** What `createOmniQ` gathers for an {@link OmniQ}. */
export interface OmniQParts {
  readonly engine: Engine;
  /** Over the store that holds the outbox, where that is not the tasks' own. */
  readonly outbox?: Engine | null;
  readonly retention?: Retention;
  /** What `work` takes when it is not told. */
  readonly workDefaults?: Omit<WorkOptions, 'tasks'>;
  /** Module paths and references are taken from here. */
  readonly cwd: string;
  /** Closes the stores. */
  readonly close: () => Promise<void>;
}

/** A task queue: enqueue, run, look and steer. Made by `createOmniQ`. */
export class OmniQ {
  /** Looks at tasks and changes them from outside. */
  readonly tasks: TaskAdmin;
  /** Looks at queues, pauses and resumes them. */
  readonly queues: QueueAdmin;
  readonly #parts: OmniQParts;
  readonly #engine: Engine;
  readonly #functions = new Map<unknown, TaskDefinition<never>>();
  readonly #workers = new Set<Worker>();
  #relay: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  constructor(parts: OmniQParts) {
    this.#parts = parts;
    this.#engine = parts.engine;
    this.tasks = parts.engine.tasks;
    this.queues = parts.engine.queues;
  }

  /**
   * Enqueues one task; resolves once the store has it durably.
   * @throws OmniQError `INVALID_*`, `PAYLOAD_*`, `PARENT_UNKNOWN`, `DUPLICATE`, `TOO_LATE`, `TASK_UNNAMED`, `STORE_*`
   */
  async enqueue<Input, Output>(
    task: TaskTarget<Input, Output>,
    ...[input, options]: EnqueueArguments<Input>
  ): Promise<TaskHandle<Output>> {
    const { id, inserted } = await this.#engine.enqueuer.enqueue(
      this.#request([task as TaskTarget<never, unknown>, input, options]),
    );
    return new TaskHandle<Output>(this.#engine, id, inserted);
  }

  /** All or none, up to 10,000 tasks and 16 MiB. @throws OmniQError as {@link enqueue}, and `BATCH_TOO_LARGE`, `CYCLE` */
  async enqueueMany(entries: readonly EnqueueEntry[]): Promise<readonly TaskHandle[]> {
    const enqueued = await this.#engine.enqueuer.enqueueMany(entries.map((entry) => this.#request(entry)));
    return enqueued.map(({ id, inserted }) => new TaskHandle(this.#engine, id, inserted));
  }

  /** Any number, in chunks that are atomic each. Yields handles as chunks are stored. */
  async *enqueueAll(
    entries: Iterable<EnqueueEntry> | AsyncIterable<EnqueueEntry>,
    { chunk = 1_000 }: { readonly chunk?: number } = {},
  ): AsyncGenerator<TaskHandle, void, undefined> {
    const request = (entry: EnqueueEntry): EnqueueRequest => this.#request(entry);
    async function* requests(): AsyncGenerator<EnqueueRequest> {
      for await (const entry of entries) yield request(entry);
    }
    for await (const { id, inserted } of this.#engine.enqueuer.enqueueAll(requests(), chunk)) {
      yield new TaskHandle(this.#engine, id, inserted);
    }
  }

  /**
   * The queue inside a transaction of yours: what it enqueues is there if you commit, and leaves no trace if you roll
   * back. What `transaction` is, the page of the backend says; what it cannot be is refused by the first enqueue.
   */
  within(transaction: unknown): QueueWithin {
    return new QueueWithin(this.#engine, transaction, (entry) => this.#request(entry));
  }

  /** A handle for an id that you kept. */
  handle<Output = unknown>(id: string): TaskHandle<Output> {
    return new TaskHandle<Output>(this.#engine, id, false);
  }

  /** Gives plain functions the names under which they are stored, so that they can be enqueued themselves. */
  async name(functions: Readonly<Record<string, PlainFunction>>): Promise<void> {
    this.#learn(await loadTasks(functions, this.#parts.cwd), functions);
  }

  /** Starts a worker in this process. */
  async work(options: WorkOptions): Promise<Worker> {
    const { tasks: sources, ...given } = options;
    const tasks = await loadTasks(sources, this.#parts.cwd);
    this.#learn(tasks, sources);
    const wishes = { ...this.#parts.workDefaults, ...given };
    const worker = new Worker(this.#engine, {
      tasks,
      executors: wishes.executors ?? [new AsyncExecutor()],
      queues: wishes.queues ?? ['default'],
      concurrency: count(wishes.concurrency ?? 10, 'concurrency'),
      leaseMs: parseDuration(wishes.lease ?? '30s', 'lease'),
      pollMs: parseDuration(wishes.poll ?? '2s', 'poll'),
      prefetch: count(wishes.prefetch ?? 500, 'prefetch', 0),
      shutdownMs: parseDuration(wishes.shutdownTimeout ?? '30s', 'shutdownTimeout'),
      retention: this.#parts.retention ?? defaultRetention,
      ...(wishes.limit === undefined ? {} : { limit: count(wishes.limit, 'limit') }),
      ...(wishes.duration === undefined ? {} : { durationMs: parseDuration(wishes.duration, 'duration') }),
      ...(wishes.untilEmpty === undefined ? {} : { untilEmpty: wishes.untilEmpty }),
    });
    await this.#start(worker);
    if (this.#parts.outbox) await this.relay();
    return worker;
  }

  /**
   * Starts to carry on the tasks that wait in the outbox. Workers do so by themselves; this is for processes that only
   * enqueue. Does nothing where it runs already.
   * @throws OmniQError `UNSUPPORTED` where no outbox is configured apart from the tasks
   */
  async relay(): Promise<void> {
    const { outbox } = this.#parts;
    if (!outbox) {
      throw new OmniQError('UNSUPPORTED', 'There is no outbox apart from the tasks.', {
        hint: 'Name one: outbox: "postgres://…".',
      });
    }
    this.#relay ??= this.#start(relayWorker(outbox, this.#engine, this.#parts.retention ?? defaultRetention));
    await this.#relay;
  }

  /** Calls `listener` for what this process does to tasks, from `level` (default INFO) up. Returns what takes it off. */
  on(listener: EventListener, level: EventLevel = 'INFO'): () => void {
    return this.#engine.events.listen(listener, level);
  }

  /** Stored events. @throws OmniQError `UNSUPPORTED` without an event store */
  async events(filter: EventFilter = {}): Promise<Page<TaskEvent>> {
    return this.#engine.queryEvents(filter);
  }

  /** Stops the workers, waits for open enqueues, closes the stores. Twice is a no-op. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #start(worker: Worker): Promise<void> {
    this.#workers.add(worker);
    void worker.done.finally(() => this.#workers.delete(worker));
    await worker.start();
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.stop()));
    await Promise.all([this.#engine.close(), this.#parts.outbox?.close()]);
    await this.#parts.close();
  }

  #request([target, input, options = {}]: EnqueueEntry): EnqueueRequest {
    return { task: this.#definition(target), input, options };
  }

  #definition(target: TaskTarget<never, unknown>): TaskDefinition<never> {
    if (isTaskDefinition(target)) return target;
    if (typeof target === 'string')
      return { name: referenceName(target, this.#parts.cwd), settings: {}, input: undefined, run: undefined };
    const known = this.#functions.get(target);
    if (known !== undefined) return known;
    throw new OmniQError(
      'TASK_UNNAMED',
      `The function ${target.name || '(anonymous)'} has no name to be stored under.`,
      {
        hint: "Use defineTask, or name it first: await omniq.name({ 'image.resize': resize }).",
      },
    );
  }

  /** Remembers the names of plain functions. */
  #learn(tasks: readonly TaskDefinition<never>[], sources: TaskSources): void {
    const functions = Array.isArray(sources) ? tasks.map(({ run }) => run) : Object.values(sources);
    for (const [index, fn] of functions.entries()) {
      const task = tasks[index];
      if (typeof fn === 'function' && task !== undefined) this.#functions.set(fn, task);
    }
  }
}

function count(value: number, what: string, least = 1): number {
  if (Number.isInteger(value) && value >= least && value <= 100_000) return value;
  throw new OmniQError('INVALID_OPTION', `${what} is ${value}.`, {
    hint: `It is a whole number from ${least} to 100000.`,
  });
}
