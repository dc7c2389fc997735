import type { ClaimedTask, Mutable, StoredState, TaskRow } from '@omniq/core/storage';

/** States as numbers; the order is part of the stored schema. */
export const states: readonly StoredState[] = ['waiting', 'running', 'blocked', 'completed', 'failed', 'cancelled', 'expired'];

export const WAITING = 0;
export const RUNNING = 1;
export const BLOCKED = 2;
/** This state and those after it are ends. */
export const FIRST_END = 3;

const numbers: ReadonlyMap<StoredState, number> = new Map(states.map((state, index) => [state, index]));

export function stateNumber(state: StoredState): number {
  return numbers.get(state) as number;
}

/** Every column of a task but the body, in the order in which {@link readTask} takes them; then the body. */
export const TASK_COLUMNS = `id, queue, name, state, priority, run_at, expires_at, created_at, hold_ms, lease, session,
  attempt, crashes, redrives, waits_for, cancel_requested, started_at, finished_at, deadline_at, reason, unique_key,
  order_key, limit_key, error, progress, spec,
  CASE big WHEN 1 THEN (SELECT bodies.body FROM bodies WHERE bodies.seq = tasks.seq) ELSE body END`;

export type RawTask = readonly [
  id: string,
  queue: string,
  name: string,
  state: number,
  priority: number,
  runAt: number,
  expiresAt: number | null,
  createdAt: number,
  holdMs: number,
  lease: number,
  session: string | null,
  attempt: number,
  crashes: number,
  redrives: number,
  waitsFor: number,
  cancelRequested: number,
  startedAt: number | null,
  finishedAt: number | null,
  deadlineAt: number | null,
  reason: string | null,
  uniqueKey: string | null,
  orderKey: string | null,
  limitKey: string | null,
  error: Buffer | null,
  progress: Buffer | null,
  spec: Buffer | null,
  body: Buffer | null,
];

export function readTask(raw: RawTask): TaskRow {
  return {
    id: raw[0],
    queue: raw[1],
    name: raw[2],
    state: states[raw[3]] as StoredState,
    priority: raw[4],
    runAt: raw[5],
    expiresAt: raw[6],
    createdAt: raw[7],
    holdMs: raw[8],
    lease: raw[9],
    session: raw[10],
    attempt: raw[11],
    crashes: raw[12],
    redrives: raw[13],
    waitsFor: raw[14],
    cancelRequested: raw[15] === 1,
    startedAt: raw[16],
    finishedAt: raw[17],
    deadlineAt: raw[18],
    reason: raw[19],
    uniqueKey: raw[20],
    orderKey: raw[21],
    limitKey: raw[22],
    error: raw[23],
    progress: raw[24],
    spec: raw[25],
    body: raw[26],
  };
}

/** What a claim reads, in the order in which {@link readClaimed} takes it; `seq` first. */
export const CLAIM_COLUMNS = `seq, id, queue, name, priority, run_at, expires_at, created_at, hold_ms, attempt, crashes,
  redrives, started_at, deadline_at, lease, spec, big, body`;

export type RawClaim = readonly [
  seq: number,
  id: string,
  queue: string,
  name: string,
  priority: number,
  runAt: number,
  expiresAt: number | null,
  createdAt: number,
  holdMs: number,
  attempt: number,
  crashes: number,
  redrives: number,
  startedAt: number | null,
  deadlineAt: number | null,
  lease: number,
  spec: Buffer | null,
  big: number,
  body: Buffer | null,
];

/** The lease as just given, or as stored. */
export interface Held {
  readonly lease: number;
  readonly startedAt: number | null;
  readonly deadlineAt: number | null;
}

export function readClaimed(raw: RawClaim, { lease, startedAt, deadlineAt }: Held, body: Buffer | null): ClaimedTask {
  return {
    id: raw[1],
    queue: raw[2],
    name: raw[3],
    priority: raw[4],
    runAt: raw[5],
    expiresAt: raw[6],
    createdAt: raw[7],
    attempt: raw[9],
    crashes: raw[10],
    redrives: raw[11],
    startedAt,
    deadlineAt,
    lease,
    spec: raw[15],
    body,
  };
}

/** Columns by the names of the contract. */
export const mutableColumns: Readonly<Record<keyof Mutable, string>> = {
  state: 'state',
  priority: 'priority',
  runAt: 'run_at',
  expiresAt: 'expires_at',
  attempt: 'attempt',
  crashes: 'crashes',
  redrives: 'redrives',
  cancelRequested: 'cancel_requested',
  startedAt: 'started_at',
  finishedAt: 'finished_at',
  deadlineAt: 'deadline_at',
  reason: 'reason',
  error: 'error',
  progress: 'progress',
};
