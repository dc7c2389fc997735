import { OmniQError } from '../errors.ts';
import { stateAt, terminalStates, isTerminal, type TaskState } from '../model/state.ts';
import { decodeError, type TaskError } from '../model/task-error.ts';
import { decodeSpec } from '../model/task-spec.ts';
import { cancel, redrive } from '../model/transition.ts';
import type { StoredState, TaskRow } from '../storage/task-row.ts';
import type { TaskCount, TaskQuery } from '../storage/task-store.ts';
import { readAttempt, type Attempt } from '../model/attempt.ts';
import { admissionMs } from './admission.ts';
import type { Engine } from './engine.ts';

/** A task as users see it. Instants are epoch ms of the store's clock. */
export interface Task {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly state: TaskState;
  readonly priority: number;
  readonly createdAt: number;
  readonly runAt: number;
  readonly expiresAt: number | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** Executions that counted; a running one does not yet. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly crashes: number;
  readonly redrives: number;
  readonly lease: number;
  readonly worker: string | null;
  readonly reason: string | null;
  readonly error: TaskError | null;
  readonly cancelRequested: boolean;
  readonly waitsFor: number;
  readonly parents: readonly string[];
  readonly correlationId: string;
  readonly uniqueKey: string | null;
  readonly progress: { readonly share: number; readonly details?: unknown } | null;
}

export interface TaskFilter {
  readonly state?: TaskState | readonly TaskState[];
  readonly queue?: string | readonly string[];
  readonly name?: string | readonly string[];
  /** Default `oldest` first. */
  readonly order?: 'oldest' | 'newest';
  /** The cursor of the page before. */
  readonly after?: string;
  /** Default 50, at most 1000. */
  readonly limit?: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** Looks at tasks and changes them from outside. */
export class TaskAdmin {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async get(id: string): Promise<Task | undefined> {
    const [row] = await this.#engine.stores.tasks.get([id]);
    return row === undefined ? undefined : this.#view(row);
  }

  /** @throws OmniQError `TASK_NOT_FOUND` */
  async payload(id: string): Promise<unknown> {
    const row = await this.#row(id);
    const { name, queue } = row;
    return row.body === null ? undefined : this.#engine.codec.decode(row.body, { kind: 'input', name, queue, id });
  }

  /** Every execution so far, oldest first. */
  async attempts(id: string): Promise<readonly Attempt[]> {
    const [history, row] = await Promise.all([this.#engine.stores.tasks.history(id), this.#row(id)]);
    const recorded = history.map(({ lease, record }) => readAttempt(lease, record));
    // A plain completion writes no record: the row says it all.
    if (row.state !== 'completed' || recorded.some(({ lease }) => lease === row.lease)) return recorded;
    const { lease, attempt, startedAt, finishedAt, session: worker } = row;
    return [...recorded, { lease, attempt, startedAt, finishedAt, worker, outcome: 'completed', error: null }];
  }

  async list(filter: TaskFilter = {}): Promise<Page<Task>> {
    const page = await this.#engine.stores.tasks.list(queryOf(filter, this.#engine.clock.now()));
    const items = await Promise.all(page.items.map((row) => this.#view(row)));
    return { items, ...(page.next === undefined ? {} : { next: page.next }) };
  }

  count(): Promise<readonly TaskCount[]> {
    return this.#engine.stores.tasks.count(this.#engine.clock.now());
  }

  /**
   * Cancels a task: one that does not run, at once; one that runs is told to stop within about a second.
   * @returns `cancelled`, or `requested` for one that runs
   * @throws OmniQError `TASK_NOT_FOUND`, `CONFLICT` if it has ended
   */
  async cancel(id: string, reason = 'cancelled'): Promise<'cancelled' | 'requested'> {
    const task = await this.#row(id);
    const { set, event } = cancel(this.#engine.clock.now(), reason);
    const [now] = await this.#engine.committer.commit([
      { change: { id, guard: { states: ['blocked', 'waiting'] }, set }, event, task },
    ]);
    if (now?.status === 'applied') return 'cancelled';
    const [asked] = await this.#engine.committer.commit([
      { change: { id, guard: { states: ['running'] }, set: { cancelRequested: true } }, event: null, task },
    ]);
    if (asked?.status === 'applied') return 'requested';
    const after = await this.#row(id);
    // It came back from its run between the two: try again from the start.
    if (!isTerminal(after.state)) return this.cancel(id, reason);
    throw new OmniQError('CONFLICT', `The task ${id} has ended (${after.state}) and cannot be cancelled.`, { id });
  }

  /**
   * Sends an ended task back into its queue, with the same id and payload and its attempts from zero.
   * @throws OmniQError `TASK_NOT_FOUND`, `CONFLICT` if it has not ended, `DUPLICATE` if its unique key is held by another
   */
  async redrive(id: string): Promise<void> {
    const task = await this.#row(id);
    const { set, event } = redrive(task, this.#engine.clock.now());
    const [outcome] = await this.#engine.committer.commit([
      { change: { id, guard: { states: terminalStates }, set }, event, task },
    ]);
    if (outcome?.status === 'applied') return;
    if (outcome?.status === 'taken') {
      throw new OmniQError('DUPLICATE', `The unique key of ${id} is held by the task ${outcome.holder}.`, {
        hint: 'Cancel that task or wait for its end first.',
        id,
        holder: outcome.holder,
      });
    }
    throw new OmniQError('CONFLICT', `The task ${id} has not ended (${task.state}).`, {
      hint: 'Only ended tasks can be redriven.',
      id,
    });
  }

  /** Forgets ended tasks with their results; their ids stay refused for a while. Returns how many went. */
  async remove(ids: readonly string[]): Promise<number> {
    const { stores, clock, codec } = this.#engine;
    const inOne = stores.colocatedResults && !codec.keepsElsewhere;
    const before = inOne ? [] : await stores.tasks.get(ids);
    const gone = await stores.tasks.remove(ids, clock.now() + 2 * admissionMs);
    if (!inOne && gone > 0) await this.#removeElsewhere(before.filter((row) => row !== undefined));
    return gone;
  }

  /** What other stores keep of tasks that are gone. A crash in between leaves it behind; it hides and harms nothing. */
  async #removeElsewhere(rows: readonly TaskRow[]): Promise<void> {
    const { stores, codec } = this.#engine;
    const after = await stores.tasks.get(rows.map(({ id }) => id));
    const gone = rows.filter((_, index) => after[index] === undefined);
    if (!stores.colocatedResults) await stores.results.remove(gone.map(({ id }) => ({ id })));
    for (const row of gone) await codec.forget(row);
  }

  async #row(id: string): Promise<TaskRow> {
    const [row] = await this.#engine.stores.tasks.get([id]);
    if (row === undefined) throw new OmniQError('TASK_NOT_FOUND', `There is no task ${id}.`, { id });
    return row;
  }

  async #view(row: TaskRow): Promise<Task> {
    const { maxAttempts, correlationId, parents } = decodeSpec(row.spec);
    const {
      body: _body,
      spec: _spec,
      holdMs: _hold,
      orderKey: _order,
      limitKey: _limit,
      session,
      deadlineAt: _deadline,
      ...rest
    } = row;
    return {
      ...rest,
      state: stateAt(row, this.#engine.clock.now()),
      maxAttempts,
      worker: session,
      parents,
      correlationId: correlationId ?? row.id,
      error: row.error === null ? null : decodeError(row.error),
      progress: row.progress === null ? null : await this.#progress(row, row.progress),
    };
  }

  /** `null` for one that cannot be read: it must not hide its task. */
  async #progress(row: TaskRow, bytes: Uint8Array): Promise<Task['progress']> {
    try {
      const { name, queue, id } = row;
      return (await this.#engine.codec.decode(bytes, { kind: 'progress', name, queue, id })) as Task['progress'];
    } catch {
      return null;
    }
  }
}

function queryOf(filter: TaskFilter, now: number): TaskQuery {
  const states = filter.state === undefined ? undefined : [filter.state].flat();
  const stored = states?.map((state): StoredState =>
    state === 'scheduled' || state === 'pending' ? 'waiting' : state,
  );
  const onlyOne = (state: TaskState): boolean => states?.includes(state) === true && stored?.length === 1;
  return {
    limit: Math.min(filter.limit ?? 50, 1_000),
    ...(stored === undefined ? {} : { states: [...new Set(stored)] }),
    ...(onlyOne('pending') ? { dueBy: now } : {}),
    ...(onlyOne('scheduled') ? { dueAfter: now } : {}),
    ...(filter.queue === undefined ? {} : { queues: [filter.queue].flat() }),
    ...(filter.name === undefined ? {} : { names: [filter.name].flat() }),
    ...(filter.order === undefined ? {} : { order: filter.order }),
    ...(filter.after === undefined ? {} : { after: filter.after }),
  };
}
