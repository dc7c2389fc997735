import type { ClaimedTask, NewTask, StoredState, TaskRow } from '@omniq/core/storage';
import type { Ticket } from './line.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A task as the store keeps it, changed in place; what callers see are copies. */
export interface TaskRecord extends Writable<TaskRow> {
  readonly seq: number;
  gone: boolean;
  readonly uniqueUntil: number | null;
  /** Its place among the waiting; `null` when it has none. */
  ticket: Ticket | null;
  records: { readonly lease: number; readonly record: Uint8Array }[] | null;
}

export function taskRecord(task: NewTask, seq: number, now: number): TaskRecord {
  const { id, queue, name, priority, runAt, expiresAt, holdMs, unique, orderKey, limitKey, parents, body, spec } = task;
  return {
    id,
    queue,
    name,
    priority,
    runAt,
    expiresAt,
    holdMs,
    orderKey,
    limitKey,
    body,
    spec,
    uniqueKey: unique === null ? null : unique.key,
    createdAt: now,
    state: parents.length > 0 ? 'blocked' : 'waiting',
    lease: 0,
    session: null,
    waitsFor: 0,
    attempt: 0,
    crashes: 0,
    redrives: 0,
    cancelRequested: false,
    startedAt: null,
    finishedAt: null,
    deadlineAt: null,
    reason: null,
    error: null,
    progress: null,
    seq,
    gone: false,
    uniqueUntil: unique === null ? null : unique.until,
    ticket: null,
    records: null,
  };
}

export function rowOf(task: TaskRecord): TaskRow {
  const { seq: _seq, gone: _gone, uniqueUntil: _until, ticket: _ticket, records: _records, ...row } = task;
  return row;
}

export function claimedOf(task: TaskRecord): ClaimedTask {
  return {
    id: task.id,
    queue: task.queue,
    name: task.name,
    priority: task.priority,
    runAt: task.runAt,
    expiresAt: task.expiresAt,
    createdAt: task.createdAt,
    attempt: task.attempt,
    crashes: task.crashes,
    redrives: task.redrives,
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
