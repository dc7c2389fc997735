import { uuidv7 } from 'uuidv7';
import { OmniQError } from '../errors.ts';
import type { TaskDefinition } from '../model/define-task.ts';
import { checkId } from '../storage/names.ts';
import type { NewTask } from '../storage/task-row.ts';
import type { InsertOutcome } from '../storage/task-store.ts';
import { currentTask } from '../worker/current-task.ts';
import type { Admission } from './admission.ts';
import { Coalescer } from './coalescer.ts';
import type { Engine } from './engine.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import { inParentOrder } from './parent-order.ts';
import { transactionStore } from './transaction-store.ts';

/** What one atomic insert takes. */
export const maxRows = 10_000;
export const maxBytes: number = 16 * 1024 * 1024;

/** Concurrent single enqueues share inserts of this size. */
const coalesced = { items: 1_000, weight: 4 * 1024 * 1024 };

export interface EnqueueRequest {
  readonly task: TaskDefinition<never>;
  readonly input: unknown;
  readonly options: EnqueueOptions;
}

export interface Enqueued {
  /** The task's id; with `unique` and `skip` that of the holder. */
  readonly id: string;
  /** `false`: this id was there already, or the unique key was held. */
  readonly inserted: boolean;
}

/** The way into the queue: one, many, chunks of many. */
export class Enqueuer {
  readonly #engine: Engine;
  readonly #admission: Admission;
  readonly #inserts: Coalescer<NewTask, InsertOutcome>;
  readonly #open = new Set<Promise<unknown>>();

  constructor(engine: Engine, admission: Admission) {
    this.#engine = engine;
    this.#admission = admission;
    this.#inserts = new Coalescer((rows) => this.#insert(rows), coalesced);
  }

  /** @throws OmniQError `INVALID_*`, `PAYLOAD_*`, `PARENT_UNKNOWN`, `DUPLICATE`, `TOO_LATE`, `STORE_*` */
  async enqueue(request: EnqueueRequest): Promise<Enqueued> {
    const row = await this.#admit(request);
    return answer(request, row, await this.relay(row));
  }

  /** Inserts a row that was admitted before, with those of others. */
  async relay(row: NewTask): Promise<InsertOutcome> {
    // A row with parents can make its whole insert fail, so it travels alone.
    const insert =
      row.parents.length > 0 ? this.#insert([row]).then(([outcome]) => outcome) : this.#inserts.add(row, weigh(row));
    return (await this.#track(insert)) as InsertOutcome;
  }

  /** All or none, up to {@link maxRows} and {@link maxBytes}. Tasks may depend on others of the same call, in any order. */
  async enqueueMany(requests: readonly EnqueueRequest[]): Promise<readonly Enqueued[]> {
    return this.#enqueueTogether(requests, (rows) => this.#insert(rows));
  }

  /**
   * All or none, in a transaction of the user's: before its commit nothing is seen, told or woken. Children of parents
   * that have ended are released by the next sweep.
   */
  async enqueueWithin(transaction: unknown, requests: readonly EnqueueRequest[]): Promise<readonly Enqueued[]> {
    const { stores, clock, outbox } = this.#engine;
    return this.#enqueueTogether(requests, (rows) =>
      outbox === null
        ? transactionStore(stores, transaction).insert(rows, clock.now())
        : outbox.insert(transaction, rows),
    );
  }

  async #enqueueTogether(
    requests: readonly EnqueueRequest[],
    insert: (rows: readonly NewTask[]) => Promise<readonly InsertOutcome[]>,
  ): Promise<readonly Enqueued[]> {
    if (requests.length === 0) return [];
    const rows = await Promise.all(requests.map((request) => this.#admit(request)));
    checkBatch(rows);
    const ordered = inParentOrder(rows);
    const outcomes = await this.#track(insert(ordered));
    const byId = new Map(ordered.map((row, index) => [row.id, outcomes[index] as InsertOutcome]));
    return rows.map((row, index) => answer(requests[index] as EnqueueRequest, row, byId.get(row.id) as InsertOutcome));
  }

  /** Any number, in inserts of `chunk`; each chunk is atomic, the whole is not. */
  async *enqueueAll(
    requests: Iterable<EnqueueRequest> | AsyncIterable<EnqueueRequest>,
    chunk = 1_000,
  ): AsyncGenerator<Enqueued, void, undefined> {
    let gathered: EnqueueRequest[] = [];
    for await (const request of requests) {
      gathered.push(request);
      if (gathered.length < chunk) continue;
      yield* await this.enqueueMany(gathered);
      gathered = [];
    }
    yield* await this.enqueueMany(gathered);
  }

  /** Resolves when no insert is under way. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#open);
  }

  #admit({ task, input, options }: EnqueueRequest): Promise<NewTask> {
    if (options.id !== undefined) checkId(options.id, 'task id');
    this.#checkSupport(options);
    const correlationId = currentTask()?.correlationId ?? null;
    const mint = { id: options.id ?? uuidv7(), now: this.#engine.clock.now(), correlationId };
    return this.#admission.admit(task, input, options, mint);
  }

  #checkSupport(options: EnqueueOptions): void {
    if (options.unique !== undefined && !this.#engine.stores.tasks.capabilities.uniqueKeys) {
      throw new OmniQError('UNSUPPORTED', 'The task store does not keep unique keys.', {
        hint: 'Leave out `unique`, or choose a store whose capabilities list it.',
      });
    }
  }

  async #insert(rows: readonly NewTask[]): Promise<readonly InsertOutcome[]> {
    const { stores, clock, events, dependencies } = this.#engine;
    const outcomes = await stores.tasks.insert(rows, clock.now());
    let earliest = Number.POSITIVE_INFINITY;
    const settled = new Set<string>();
    for (const [index, row] of rows.entries()) {
      const outcome = outcomes[index];
      if (outcome?.status !== 'inserted') continue;
      if (outcome.settled) row.parents.forEach(({ id }) => settled.add(id));
      if (row.parents.length === 0) earliest = Math.min(earliest, row.runAt);
      if (events.wants('ENQUEUED')) this.#tell(row);
    }
    if (earliest < Number.POSITIVE_INFINITY) this.#engine.wake(earliest);
    if (settled.size > 0) await dependencies.releaseEnded([...settled]);
    return outcomes;
  }

  #tell(row: NewTask): void {
    const { id, queue, name, priority, runAt } = row;
    this.#engine.committer.tell('ENQUEUED', { id, queue, name, lease: 0, redrives: 0 }, { priority, runAt });
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#open.add(work);
    try {
      return await work;
    } finally {
      this.#open.delete(work);
    }
  }
}

function weigh(row: NewTask): number {
  return 256 + (row.body?.byteLength ?? 0) + (row.spec?.byteLength ?? 0);
}

function checkBatch(rows: readonly NewTask[]): void {
  const bytes = rows.reduce((sum, row) => sum + weigh(row), 0);
  if (rows.length <= maxRows && bytes <= maxBytes) return;
  throw new OmniQError('BATCH_TOO_LARGE', `${rows.length} tasks of ${bytes} bytes are more than one insert takes.`, {
    hint: `Up to ${maxRows} tasks and ${maxBytes} bytes are atomic; enqueueAll splits what is more.`,
    rows: rows.length,
    bytes,
  });
}

/** @throws OmniQError `TOO_LATE`, `DUPLICATE` */
function answer({ options }: EnqueueRequest, row: NewTask, outcome: InsertOutcome): Enqueued {
  switch (outcome.status) {
    case 'inserted':
      return { id: row.id, inserted: true };
    case 'exists':
      return { id: row.id, inserted: false };
    case 'late':
      throw new OmniQError('TOO_LATE', `The task ${row.id} reached the store after its admission deadline.`, {
        hint: 'Read the task by its id to see whether an earlier try landed; else enqueue it under a new id.',
        id: row.id,
      });
    case 'taken': {
      const throws = typeof options.unique === 'object' && options.unique.onConflict === 'throw';
      if (!throws) return { id: outcome.holder, inserted: false };
      throw new OmniQError('DUPLICATE', `The unique key ${row.unique?.key} is held by the task ${outcome.holder}.`, {
        hint: 'Wait for that task, or use onConflict: "skip" to get its handle.',
        holder: outcome.holder,
      });
    }
  }
}
