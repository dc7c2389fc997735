import type { StoredState } from '@omniq/core/storage';
import type { HeldClaim, HeldNewTask, HeldRecord, HeldRow } from './command.ts';
import type { Cells } from './cells.ts';
import type { Bytes } from './piece.ts';
import type { TaskPool } from './task-pool.ts';

/** What few tasks have. */
export interface Rare {
  expiresAt: number | null;
  uniqueKey: string | null;
  uniqueUntil: number | null;
  orderKey: string | null;
  limitKey: string | null;
  waitsFor: number;
  crashes: number;
  redrives: number;
  cancelRequested: boolean;
  reason: string | null;
  error: Bytes | null;
  progress: Bytes | null;
  records: HeldRecord[] | null;
}

/** What a task without any of it has. */
export const ordinary: Readonly<Rare> = Object.freeze({
  expiresAt: null,
  uniqueKey: null,
  uniqueUntil: null,
  orderKey: null,
  limitKey: null,
  waitsFor: 0,
  crashes: 0,
  redrives: 0,
  cancelRequested: false,
  reason: null,
  error: null,
  progress: null,
  records: null,
});

/** Where the numbers of a task stand in its cells. */
const [RUN_AT, CREATED_AT, LEASE, STARTED_AT, FINISHED_AT, DEADLINE_AT] = [0, 1, 2, 3, 4, 5] as const;
const [PRIORITY, ATTEMPT, PLACE] = [0, 1, 2] as const;

type NewRecord = Pick<HeldNewTask, 'id' | 'queue' | 'name' | 'holdMs' | 'body' | 'spec' | 'priority' | 'runAt'>;

/**
 * A task as the machine keeps it, changed in place. Millions of them lie in every replica: their numbers stand together
 * with those of others, and what few tasks have is an object of its own.
 */
export class TaskRecord {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  readonly seq: number;
  readonly holdMs: number;
  readonly body: Bytes | null;
  readonly spec: Bytes | null;
  #session: string | null = null;
  #gone = false;
  #rare: Rare | null = null;
  readonly #cells: Cells;
  readonly #at: number;

  constructor(row: NewRecord, state: StoredState, seq: number, createdAt: number, pool: TaskPool) {
    this.id = row.id;
    this.queue = pool.shared.text(row.queue);
    this.name = pool.shared.text(row.name);
    this.seq = seq;
    this.holdMs = row.holdMs;
    this.body = row.body;
    this.spec = pool.shared.spec(this.name, row.spec);
    const { cells, at } = pool.place();
    this.#cells = cells;
    this.#at = at;
    cells.setState(at, state);
    cells.setInstant(at, CREATED_AT, createdAt);
    cells.setInstant(at, RUN_AT, row.runAt);
    cells.setInstant(at, STARTED_AT, null);
    cells.setInstant(at, FINISHED_AT, null);
    cells.setInstant(at, DEADLINE_AT, null);
    cells.setCount(at, PRIORITY, row.priority);
  }

  /** To read. */
  get rare(): Readonly<Rare> {
    return this.#rare ?? ordinary;
  }

  /** To write. */
  get own(): Rare {
    this.#changes();
    return (this.#rare ??= { ...ordinary });
  }

  /** Taken out of the machine. */
  get gone(): boolean {
    return this.#gone;
  }

  set gone(gone: boolean) {
    this.#changes();
    this.#gone = gone;
  }

  /** Under which it runs, or ran last. */
  get session(): string | null {
    return this.#session;
  }

  set session(session: string | null) {
    this.#changes();
    this.#session = session;
  }

  get state(): StoredState {
    return this.#cells.state(this.#at);
  }

  set state(state: StoredState) {
    this.#changes();
    this.#cells.setState(this.#at, state);
  }

  get createdAt(): number {
    return this.#cells.instant(this.#at, CREATED_AT) as number;
  }

  get runAt(): number {
    return this.#cells.instant(this.#at, RUN_AT) as number;
  }

  set runAt(at: number) {
    this.#changes();
    this.#cells.setInstant(this.#at, RUN_AT, at);
  }

  get lease(): number {
    return this.#cells.instant(this.#at, LEASE) as number;
  }

  set lease(lease: number) {
    this.#changes();
    this.#cells.setInstant(this.#at, LEASE, lease);
  }

  get startedAt(): number | null {
    return this.#cells.instant(this.#at, STARTED_AT);
  }

  set startedAt(at: number | null) {
    this.#changes();
    this.#cells.setInstant(this.#at, STARTED_AT, at);
  }

  get finishedAt(): number | null {
    return this.#cells.instant(this.#at, FINISHED_AT);
  }

  set finishedAt(at: number | null) {
    this.#changes();
    this.#cells.setInstant(this.#at, FINISHED_AT, at);
  }

  get deadlineAt(): number | null {
    return this.#cells.instant(this.#at, DEADLINE_AT);
  }

  set deadlineAt(at: number | null) {
    this.#changes();
    this.#cells.setInstant(this.#at, DEADLINE_AT, at);
  }

  get priority(): number {
    return this.#cells.count(this.#at, PRIORITY);
  }

  set priority(priority: number) {
    this.#changes();
    this.#cells.setCount(this.#at, PRIORITY, priority);
  }

  get attempt(): number {
    return this.#cells.count(this.#at, ATTEMPT);
  }

  set attempt(attempt: number) {
    this.#changes();
    this.#cells.setCount(this.#at, ATTEMPT, attempt);
  }

  /** Tells its present place among the waiting from those it had before; 0 when it has none. */
  get place(): number {
    return this.#cells.count(this.#at, PLACE);
  }

  set place(place: number) {
    this.#changes();
    this.#cells.setCount(this.#at, PLACE, place);
  }

  /** Who reads the tasks as they were must see this one before it changes. */
  #changes(): void {
    const { freezes } = this.#cells;
    if (freezes.length > 0) for (const freeze of freezes) freeze.keep(this);
  }
}

export function taskRecord(row: HeldNewTask, seq: number, now: number, pool: TaskPool): TaskRecord {
  const task = new TaskRecord(row, row.parents.length > 0 ? 'blocked' : 'waiting', seq, now, pool);
  const { expiresAt, unique, orderKey, limitKey } = row;
  if (expiresAt === null && unique === null && orderKey === null && limitKey === null) return task;
  const { own } = task;
  own.expiresAt = expiresAt;
  own.uniqueKey = unique?.key ?? null;
  own.uniqueUntil = unique?.until ?? null;
  own.orderKey = orderKey;
  own.limitKey = limitKey;
  return task;
}

export function rowOf(task: TaskRecord): HeldRow {
  const { rare } = task;
  return {
    id: task.id,
    queue: task.queue,
    name: task.name,
    priority: task.priority,
    runAt: task.runAt,
    expiresAt: rare.expiresAt,
    holdMs: task.holdMs,
    uniqueKey: rare.uniqueKey,
    orderKey: rare.orderKey,
    limitKey: rare.limitKey,
    body: task.body,
    spec: task.spec,
    createdAt: task.createdAt,
    state: task.state,
    lease: task.lease,
    session: task.session,
    waitsFor: rare.waitsFor,
    attempt: task.attempt,
    crashes: rare.crashes,
    redrives: rare.redrives,
    cancelRequested: rare.cancelRequested,
    startedAt: task.startedAt,
    finishedAt: task.finishedAt,
    deadlineAt: task.deadlineAt,
    reason: rare.reason,
    error: rare.error,
    progress: rare.progress,
  };
}

export function claimOf(task: TaskRecord): HeldClaim {
  const { rare } = task;
  return {
    id: task.id,
    queue: task.queue,
    name: task.name,
    priority: task.priority,
    runAt: task.runAt,
    expiresAt: rare.expiresAt,
    createdAt: task.createdAt,
    attempt: task.attempt,
    crashes: rare.crashes,
    redrives: rare.redrives,
    startedAt: task.startedAt,
    deadlineAt: task.deadlineAt,
    lease: task.lease,
    body: task.body,
    spec: task.spec,
  };
}

export function isEnded(state: StoredState): boolean {
  return state !== 'waiting' && state !== 'running' && state !== 'blocked';
}

export function isRunning(task: TaskRecord, lease: number): boolean {
  return task.state === 'running' && task.lease === lease;
}
