import type { TaskRow } from '@omniq/core/storage';
import { stateOf } from './state-code.ts';

/** The columns that {@link taskRow} reads, `seq` first, of `omniq_tasks t` joined with {@link PAYLOAD}. */
export const COLUMNS = `t.seq, p.id, t.queue, p.name, t.priority, t.run_at, t.expires_at, t.hold_ms, t.unique_key,
  t.order_key, p.limit_key, t.state, t.attempt, t.crashes, t.redrives, t.cancel_requested, t.started_at, t.finished_at,
  t.deadline_at, t.reason, t.error, t.progress, p.created_at, t.lease,
  (SELECT session FROM omniq_holders WHERE holder = t.holder), t.waits_for, p.body, p.spec`;

/** A cross join keeps the tables in this order: a page is read in the order of the tasks, and nothing is sorted. */
export const PAYLOAD = `CROSS JOIN omniq_payloads p ON p.task = t.seq`;

export type TaskColumns = readonly [
  seq: number,
  id: string,
  queue: string,
  name: string,
  priority: number,
  runAt: number,
  expiresAt: number | null,
  holdMs: number,
  uniqueKey: string | null,
  orderKey: string | null,
  limitKey: string | null,
  state: number,
  attempt: number,
  crashes: number,
  redrives: number,
  cancelRequested: number,
  startedAt: number | null,
  finishedAt: number | null,
  deadlineAt: number | null,
  reason: string | null,
  error: Uint8Array | null,
  progress: Uint8Array | null,
  createdAt: number,
  lease: number,
  session: string | null,
  waitsFor: number,
  body: Uint8Array | null,
  spec: Uint8Array | null,
];

export function taskRow(columns: TaskColumns): TaskRow {
  const [, id, queue, name, priority, runAt, expiresAt, holdMs, uniqueKey, orderKey, limitKey, state, attempt] =
    columns;
  const [crashes, redrives, cancelRequested, startedAt, finishedAt, deadlineAt, reason, error, progress] =
    rest(columns);
  return {
    id,
    queue,
    name,
    priority,
    runAt,
    expiresAt,
    holdMs,
    uniqueKey,
    orderKey,
    limitKey,
    state: stateOf(state),
    attempt,
    crashes,
    redrives,
    cancelRequested: cancelRequested === 1,
    startedAt,
    finishedAt,
    deadlineAt,
    reason,
    error,
    progress,
    createdAt: columns[22],
    lease: columns[23],
    session: columns[24],
    waitsFor: columns[25],
    body: columns[26],
    spec: columns[27],
  };
}

type Rest<T extends readonly unknown[]> = T extends readonly [
  unknown,
  unknown,
  unknown,
  unknown,
  unknown,
  unknown,
  unknown,
  unknown,
  unknown,
  unknown,
  unknown,
  unknown,
  unknown,
  ...infer R,
]
  ? R
  : never;

function rest(columns: TaskColumns): Rest<TaskColumns> {
  return columns.slice(13) as unknown as Rest<TaskColumns>;
}
