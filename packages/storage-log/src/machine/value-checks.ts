import type { ParentPolicy, ScheduleRow, StoredState } from '@omniq/core/storage';
import { Piece, type Bytes } from './piece.ts';

/** Longer than any name, id or key that the core lets through. */
const MOST_CHARACTERS = 1_024;
/** More than any batch that the core makes. */
const MOST_ROWS = 100_000;
const MOST_COUNT = 2 ** 31 - 1;
const MOST_PRIORITY = 1_000;

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

export function isNumberOrNull(value: unknown): value is number | null {
  return value === null || isNumber(value);
}

export function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

/** What counts up from 0: attempts, crashes. */
export function isCount(value: unknown): value is number {
  return isWhole(value) && value >= 0 && value <= MOST_COUNT;
}

/** How many rows of something. */
export function isRowCount(value: unknown): value is number {
  return isCount(value) && value <= MOST_ROWS;
}

export function isPriority(value: unknown): value is number {
  return isWhole(value) && value >= -MOST_PRIORITY && value <= MOST_PRIORITY;
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

/** Half of a surrogate pair has no bytes of its own: two such texts would be one after a snapshot. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MOST_CHARACTERS && value.isWellFormed();
}

export function isTextOrNull(value: unknown): value is string | null {
  return value === null || isText(value);
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= MOST_ROWS;
}

/** An array, or a piece that lies within its source. */
export function isBytes(value: unknown): value is Bytes {
  if (value instanceof Uint8Array) return true;
  if (!(value instanceof Piece)) return false;
  const { from, to } = value;
  // What a piece is made of comes from the log as well.
  const source: unknown = value.source;
  if (!isWhole(from) || !isWhole(to) || from < 0 || from > to) return false;
  return source instanceof Uint8Array ? to <= source.length : isText(source);
}

export function isBytesOrNull(value: unknown): value is Bytes | null {
  return value === null || isBytes(value);
}

/** States that a change may lead to; a task begins to run by a claim. */
const reachable: ReadonlySet<unknown> = new Set<StoredState>([
  'blocked',
  'waiting',
  'completed',
  'failed',
  'cancelled',
  'expired',
]);
const policies: ReadonlySet<unknown> = new Set<ParentPolicy>(['cancel', 'run', 'hold']);
const scheduleStates: ReadonlySet<unknown> = new Set<ScheduleRow['state']>(['active', 'paused', 'ended']);

export function isReachable(value: unknown): value is Exclude<StoredState, 'running'> {
  return reachable.has(value);
}

export function isState(value: unknown): value is StoredState {
  return value === 'running' || reachable.has(value);
}

export function isPolicy(value: unknown): value is ParentPolicy {
  return policies.has(value);
}

export function isScheduleState(value: unknown): value is ScheduleRow['state'] {
  return scheduleStates.has(value);
}
