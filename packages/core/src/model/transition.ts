import type { Mutable, TaskRow } from '../storage/task-row.ts';
import type { Guard } from '../storage/task-store.ts';
import type { EventType } from './event.ts';
import { retryDelay } from './retry.ts';
import type { TaskSpec } from './task-spec.ts';

/** What happens to a task next: the columns to set, the event to report. Pure: state and happening in, change out. */
export interface Transition {
  readonly set: Partial<Mutable>;
  readonly event: EventType;
}

/** The guard for a transition of a run: one that leads to another run does not overrule a cancel that was asked for. */
export function guardOf(lease: number, { state }: Transition['set']): Guard {
  return state === 'waiting' ? { lease, uncancelled: true } : { lease };
}

/** More crashes than this and the task is held to be what brings its workers down. */
export const maxCrashes = 3;

type Run = Pick<TaskRow, 'attempt' | 'startedAt'>;

/** One execution more. A task that was claimed ahead gets its start written with its end. */
function spent(run: Run, startedAt: number | null): Partial<Mutable> {
  const attempt = run.attempt + 1;
  return run.startedAt === null && startedAt !== null ? { attempt, startedAt } : { attempt };
}

export function complete(run: Run, startedAt: number, now: number): Transition {
  // One object, whose shape is the same for all: this is what most tasks come to.
  const attempt = run.attempt + 1;
  const set: Partial<Mutable> =
    run.startedAt === null
      ? { attempt, startedAt, state: 'completed', finishedAt: now }
      : { attempt, state: 'completed', finishedAt: now };
  return { set, event: 'COMPLETE' };
}

export interface Failure {
  readonly error: Uint8Array;
  readonly reason: string;
  /** `false`: not again, whatever attempts are left. */
  readonly retryable: boolean;
  /** The delay that the handler or its error asked for. */
  readonly delayMs?: number;
}

/** A run that failed: again after its backoff while attempts are left and its time to live allows, else for good. */
export function fail(
  run: Run & Pick<TaskRow, 'expiresAt'>,
  spec: Pick<TaskSpec, 'maxAttempts' | 'backoff'>,
  failure: Failure,
  startedAt: number | null,
  now: number,
  random: () => number,
): Transition {
  const { error, reason } = failure;
  const counted = spent(run, startedAt);
  const attempt = run.attempt + 1;
  if (!failure.retryable || attempt >= spec.maxAttempts) {
    const why = failure.retryable ? 'retries_spent' : reason;
    return { set: { ...counted, state: 'failed', finishedAt: now, error, reason: why }, event: 'ERROR' };
  }
  const runAt = now + (failure.delayMs ?? retryDelay(spec.backoff, attempt, random));
  if (run.expiresAt !== null && runAt >= run.expiresAt) {
    return { set: { ...counted, state: 'expired', finishedAt: now, error, reason }, event: 'EXPIRED' };
  }
  return { set: { ...counted, state: 'waiting', runAt, error, reason, startedAt: null }, event: 'RETRY' };
}

/** Later, at the handler's own wish; no attempt spent. */
export function snooze(delayMs: number, now: number): Transition {
  return { set: { state: 'waiting', runAt: now + delayMs, startedAt: null, reason: 'snoozed' }, event: 'SNOOZED' };
}

/** Back in line as if it had never been claimed: shutdown, or a claim that cannot be served here. */
export function handBack(runAt: number, reason: string): Transition {
  return { set: { state: 'waiting', runAt, startedAt: null, reason }, event: 'RELEASED' };
}

export function cancel(now: number, reason: string): Transition {
  return { set: { state: 'cancelled', finishedAt: now, reason }, event: 'CANCELLED' };
}

export function expire(now: number): Transition {
  return { set: { state: 'expired', finishedAt: now, reason: 'ttl' }, event: 'EXPIRED' };
}

/**
 * Its worker is gone. Only a task that had started counts a crash. From its second crash on it runs alone in its worker,
 * and only a death while alone counts further: innocents beside a bad task survive.
 */
export function rescue(
  row: Pick<TaskRow, 'startedAt' | 'crashes' | 'cancelRequested'>,
  ranAlone: boolean,
  error: Uint8Array,
  now: number,
): Transition {
  if (row.cancelRequested) return cancel(now, 'cancelled');
  const guilty = row.startedAt !== null && (row.crashes < crashesBeforeAlone || ranAlone);
  const crashes = row.crashes + (guilty ? 1 : 0);
  if (crashes > maxCrashes) {
    return { set: { state: 'failed', finishedAt: now, crashes, error, reason: 'poison' }, event: 'ERROR' };
  }
  return { set: { state: 'waiting', runAt: now, crashes, startedAt: null, reason: 'lease_expired' }, event: 'RESCUED' };
}

/** After so many crashes a task runs alone in its worker. */
export const crashesBeforeAlone = 2;

/** A terminal task back to the start, at somebody's wish: same id, attempts and crashes from zero, no time to live. */
export function redrive(row: Pick<TaskRow, 'redrives'>, now: number): Transition {
  const set: Partial<Mutable> = {
    state: 'waiting',
    runAt: now,
    expiresAt: null,
    attempt: 0,
    crashes: 0,
    redrives: row.redrives + 1,
    cancelRequested: false,
    startedAt: null,
    finishedAt: null,
    reason: 'redrive',
    error: null,
    progress: null,
  };
  return { set, event: 'REDRIVEN' };
}
