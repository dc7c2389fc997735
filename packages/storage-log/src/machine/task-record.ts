import type { StoredState } from '@omniq/core/storage';
import type { HeldClaim, HeldNewTask, HeldRecord, HeldRow } from './command.ts';
import { Cells } from './cells.ts';
import type { Bytes } from './piece.ts';
import type { SharedValues } from './shared-values.ts';

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

/** The block that the next task goes into. */
let open = new Cells();

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
  session: string | null = null;
  /** Taken out of the machine. */
  gone = false;
  #rare: Rare | null = null;
  readonly #cells: Cells;
  readonly #at: number;

  constructor(row: NewRecord, state: StoredState, seq: number, createdAt: number, shared: SharedValues) {
    this.id = row.id;
    this.queue = shared.text(row.queue);
    this.name = shared.text(row.name);
    this.seq = seq;
    this.holdMs = row.holdMs;
    this.body = row.body;
    this.spec = shared.spec(this.name, row.spec);
    let at = open.take();
    if (at === null) {
      open = new Cells();
      at = open.take() as number;
    }
    this.#cells = open;
    this.#at = at;
    open.setState(at, state);
    open.setInstant(at, CREATED_AT, createdAt);
    open.setInstant(at, RUN_AT, row.runAt);
    open.setInstant(at, STARTED_AT, null);
    open.setInstant(at, FINISHED_AT, null);
    open.setInstant(at, DEADLINE_AT, null);
    open.setCount(at, PRIORITY, row.priority);
  }

  /** To read. */
  get rare(): Readonly<Rare> {
    return this.#rare ?? ordinary;
  }

  /** To write. */
  get own(): Rare {
    return (this.#rare ??= { ...ordinary });
  }

  get state(): StoredState {
    return this.#cells.state(this.#at);
  }

  set state(state: StoredState) {
    this.#cells.setState(this.#at, state);
  }

  get createdAt(): number {
    return this.#cells.instant(this.#at, CREATED_AT) as number;
  }

  get runAt(): number {
    return this.#cells.instant(this.#at, RUN_AT) as number;
  }

  set runAt(at: number) {
    this.#cells.setInstant(this.#at, RUN_AT, at);
  }

  get lease(): number {
    return this.#cells.instant(this.#at, LEASE) as number;
  }

  set lease(lease: number) {
    this.#cells.setInstant(this.#at, LEASE, lease);
  }

  get startedAt(): number | null {
    return this.#cells.instant(this.#at, STARTED_AT);
  }

  set startedAt(at: number | null) {
    this.#cells.setInstant(this.#at, STARTED_AT, at);
  }

  get finishedAt(): number | null {
    return this.#cells.instant(this.#at, FINISHED_AT);
  }

  set finishedAt(at: number | null) {
    this.#cells.setInstant(this.#at, FINISHED_AT, at);
  }

  get deadlineAt(): number | null {
    return this.#cells.instant(this.#at, DEADLINE_AT);
  }

  set deadlineAt(at: number | null) {
    this.#cells.setInstant(this.#at, DEADLINE_AT, at);
  }

  get priority(): number {
    return this.#cells.count(this.#at, PRIORITY);
  }

  set priority(priority: number) {
    this.#cells.setCount(this.#at, PRIORITY, priority);
  }

  get attempt(): number {
    return this.#cells.count(this.#at, ATTEMPT);
  }

  set attempt(attempt: number) {
    this.#cells.setCount(this.#at, ATTEMPT, attempt);
  }

  /** Tells its present place among the waiting from those it had before; 0 when it has none. */
  get place(): number {
    return this.#cells.count(this.#at, PLACE);
  }

  set place(place: number) {
    this.#cells.setCount(this.#at, PLACE, place);
  }
}

export function taskRecord(row: HeldNewTask, seq: number, now: number, shared: SharedValues): TaskRecord {
  const task = new TaskRecord(row, row.parents.length > 0 ? 'blocked' : 'waiting', seq, now, shared);
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
