import type { StoredState } from '@omniq/core/storage';
import type { HeldClaim, HeldNewTask, HeldRecord, HeldRow } from './command.ts';
import type { Bytes } from './piece.ts';

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

/**
 * A task as the machine keeps it, changed in place. Millions of them lie in every replica, so what few tasks have is an
 * object of its own, shared by all that have nothing of it.
 */
export class TaskRecord {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  readonly seq: number;
  readonly createdAt: number;
  readonly holdMs: number;
  readonly body: Bytes | null;
  readonly spec: Bytes | null;
  priority: number;
  runAt: number;
  state: StoredState;
  attempt = 0;
  lease = 0;
  session: string | null = null;
  startedAt: number | null = null;
  finishedAt: number | null = null;
  deadlineAt: number | null = null;
  /** Tells its present place among the waiting from those it had before; 0 when it has none. */
  place = 0;
  /** Taken out of the machine. */
  gone = false;
  #rare: Rare | null = null;

  constructor(
    row: Omit<HeldNewTask, 'admitBy' | 'parents' | 'unique' | 'expiresAt' | 'orderKey' | 'limitKey'>,
    state: StoredState,
    seq: number,
    createdAt: number,
  ) {
    this.id = row.id;
    this.queue = row.queue;
    this.name = row.name;
    this.seq = seq;
    this.createdAt = createdAt;
    this.holdMs = row.holdMs;
    this.body = row.body;
    this.spec = row.spec;
    this.priority = row.priority;
    this.runAt = row.runAt;
    this.state = state;
  }

  /** To read. */
  get rare(): Readonly<Rare> {
    return this.#rare ?? ordinary;
  }

  /** To write. */
  get own(): Rare {
    return (this.#rare ??= { ...ordinary });
  }
}

export function taskRecord(row: HeldNewTask, seq: number, now: number): TaskRecord {
  const task = new TaskRecord(row, row.parents.length > 0 ? 'blocked' : 'waiting', seq, now);
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
