import type { Capabilities } from '../capabilities.ts';
import { batchTooLarge, outOfBounds, unsupported } from '../failures.ts';
import { checkId, checkKey, checkName } from '../names.ts';
import type { NewTask, StoredState } from '../task-row.ts';
import type { Change, Guard } from '../task-store.ts';
import { checkBytes, checkCount, checkInstant, checkOptionalInstant, checkPriority } from './check-numbers.ts';

/** The most rows of one call, all of them applied in one commit. */
export const MAX_ROWS = 10_000;
/** The most bytes of payloads in one call. */
export const MAX_BATCH_BYTES = 16_777_216;

export interface CheckContext {
  readonly capabilities: Capabilities;
  /** What to call the backend in messages. */
  readonly backend: string;
}

export function checkInsert(rows: readonly NewTask[], context: CheckContext): void {
  checkBatch(rows.length);
  let bytes = 0;
  for (const row of rows) bytes += checkRow(row, context);
  checkBatchBytes(bytes);
}

export function checkUpdate(changes: readonly Change[], context: CheckContext): void {
  let rows = changes.length;
  checkBatch(rows);
  let bytes = 0;
  for (const change of changes) {
    bytes += checkChange(change, context);
    if (change.then === undefined) continue;
    rows += change.then.length;
    checkBatch(rows);
    for (const row of change.then) bytes += checkRow(row, context);
  }
  checkBatchBytes(bytes);
}

/** Returns how many bytes of payloads the row carries. */
function checkRow(row: NewTask, { capabilities, backend }: CheckContext): number {
  checkId(row.id, 'task id');
  checkName(row.queue, 'queue');
  checkName(row.name, 'task name');
  checkPriority(row.priority);
  checkInstant(row.runAt, 'runAt');
  checkOptionalInstant(row.expiresAt, 'expiresAt');
  checkInstant(row.admitBy, 'admitBy');
  checkCount(row.holdMs, 'holdMs', 1);
  if (row.unique !== null) {
    if (!capabilities.uniqueKeys) throw unsupported('uniqueKeys', backend);
    checkKey(row.unique.key, 'unique key');
    checkOptionalInstant(row.unique.until, 'unique.until');
  }
  if (row.orderKey !== null) {
    if (!capabilities.orderKeys) throw unsupported('orderKeys', backend);
    checkKey(row.orderKey, 'ordering key');
  }
  if (row.limitKey !== null) checkKey(row.limitKey, 'limit key');
  for (const { id, policy } of row.parents) {
    checkId(id, 'parent id');
    if (policy !== 'cancel' && policy !== 'run' && policy !== 'hold')
      throw outOfBounds('policy', policy, 'cancel, run or hold');
  }
  return checkBytes(row.body, 'body') + checkBytes(row.spec, 'spec');
}

function checkChange(change: Change, { capabilities, backend }: CheckContext): number {
  checkId(change.id, 'task id');
  checkGuard(change.guard);
  if (change.result !== undefined && !capabilities.results) throw unsupported('results', backend);
  if (change.then !== undefined && !capabilities.then) throw unsupported('then', backend);
  if (change.resultExpiresAt !== undefined) checkOptionalInstant(change.resultExpiresAt, 'resultExpiresAt');
  checkSet(change.set);
  const { error = null, progress = null } = change.set;
  const told = checkBytes(error, 'error') + checkBytes(progress, 'progress');
  return told + checkBytes(change.result ?? null, 'result') + checkBytes(change.record ?? null, 'record');
}

function checkGuard(guard: Guard): void {
  if ('lease' in guard) checkCount(guard.lease, 'guard.lease', 0);
  else if ('edge' in guard) checkId(guard.edge, 'guard.edge');
  else for (const state of guard.states) checkState(state);
}

const optionalInstants = ['expiresAt', 'startedAt', 'finishedAt', 'deadlineAt'] as const;
const counts = ['attempt', 'crashes', 'redrives'] as const;

function checkSet(set: Change['set']): void {
  if (set.state !== undefined) checkState(set.state);
  if (set.priority !== undefined) checkPriority(set.priority);
  if (set.runAt !== undefined) checkInstant(set.runAt, 'runAt');
  for (const field of optionalInstants) {
    const given = set[field];
    if (given !== undefined) checkOptionalInstant(given, field);
  }
  for (const field of counts) {
    const given = set[field];
    if (given !== undefined) checkCount(given, field, 0);
  }
  if (set.reason !== undefined && set.reason !== null) checkName(set.reason, 'reason');
}

const states: ReadonlySet<string> = new Set<StoredState>([
  'blocked',
  'waiting',
  'running',
  'completed',
  'failed',
  'cancelled',
  'expired',
]);

export function checkState(state: string): void {
  if (!states.has(state)) throw outOfBounds('state', state, [...states].join(', '));
}

function checkBatch(rows: number): void {
  if (rows > MAX_ROWS) throw batchTooLarge('rows', rows, MAX_ROWS);
}

function checkBatchBytes(bytes: number): void {
  if (bytes > MAX_BATCH_BYTES) throw batchTooLarge('bytes', bytes, MAX_BATCH_BYTES);
}
