import { isOmniQError, OmniQError } from '../errors.ts';
import { encodeAttempt } from '../model/attempt.ts';
import { NonRetryable, RetryAfter, Snooze } from '../model/retry.ts';
import { describeError, encodeError } from '../model/task-error.ts';
import { cancel, complete, expire, fail, guardOf, handBack, snooze, type Transition } from '../model/transition.ts';
import { parseDuration, type Duration } from '../duration.ts';
import type { Intent } from '../queue/committer.ts';
import type { Change } from '../storage/task-store.ts';
import type { Run } from './run.ts';

/** What a worker knows when a run has ended. */
export interface Surroundings {
  readonly session: string;
  readonly now: number;
  readonly random: () => number;
  /** The task's own function for delays, if it has one. */
  readonly delayOf: ((attempt: number, error: unknown) => Duration) | undefined;
}

/** A completed run, with its encoded value. A plain completion is one narrow write: no record, the row says it all. */
export function completed(run: Run, value: Uint8Array | null, now: number): Intent {
  const { task, spec } = run;
  const { set, event } = complete(task, run.startedAt, now);
  const { id } = task;
  const guard = { lease: task.lease };
  const resultExpiresAt = spec.resultTtlMs === null ? null : now + spec.resultTtlMs;
  const change: Change = value === null ? { id, guard, set } : { id, guard, set, result: value, resultExpiresAt };
  return { change, event, task: run, data: { attempt: run.attempt, ms: now - run.startedAt } };
}

/** A run that threw, was aborted or timed out: what becomes of its task, and the record of the attempt. */
export function failed(run: Run, error: unknown, around: Surroundings): Intent {
  const { task, abortReason } = run;
  const { set, event } = verdictOn(run, error, around);
  const description = error instanceof Snooze ? null : describeError(abortReason ?? error);
  const record = encodeAttempt({
    lease: task.lease,
    attempt: run.attempt,
    startedAt: run.startedAt,
    finishedAt: around.now,
    worker: around.session,
    outcome: event.toLowerCase(),
    error: description,
  });
  const data = { attempt: run.attempt, ...(description === null ? {} : { error: description.message }) };
  return { change: { id: task.id, guard: guardOf(task.lease, set), set, record }, event, task: run, data };
}

/** Back in line, no attempt spent: it never started, or had to stop for no fault of its own. */
export function handedBack(run: Run, runAt: number, reason: string): Intent {
  const { task } = run;
  const { set, event } = handBack(runAt, reason);
  return {
    change: { id: task.id, guard: guardOf(task.lease, set), set },
    event,
    task: run,
    data: { reason },
  };
}

/** Claimed ahead, and past its time to live when its turn came. */
export function expired(run: Run, now: number): Intent {
  const { task } = run;
  const { set, event } = expire(now);
  return { change: { id: task.id, guard: { lease: task.lease }, set }, event, task: run };
}

/** For a change that was refused because somebody asked to cancel. */
export function cancelledInstead(run: Run, now: number): Intent {
  const { task } = run;
  const { set, event } = cancel(now, 'cancelled');
  return { change: { id: task.id, guard: { lease: task.lease }, set }, event, task: run };
}

function verdictOn(run: Run, error: unknown, { now, random, delayOf }: Surroundings): Transition {
  const { task, spec, abortReason } = run;
  if (isOmniQError(abortReason, 'TASK_CANCELLED')) return cancel(now, 'cancelled');
  if (isOmniQError(abortReason, 'WORKER_STOPPED')) return handBack(now, 'shutdown');
  if (error instanceof Snooze && abortReason === null) return snooze(error.delayMs, now);
  const timedOut = isOmniQError(abortReason, 'RUN_TIMEOUT');
  const invalid = isOmniQError(error) && fatal.has(error.code);
  const failure = {
    error: encodeError(describeError(abortReason ?? error)),
    reason: reasonOf(error, timedOut),
    retryable: !(error instanceof NonRetryable) && !invalid,
    ...delay(run, error, delayOf),
  };
  return fail(task, spec, failure, run.startedAt, now, random);
}

/** One word for why a run failed; `error` for what a repetition may mend. */
function reasonOf(error: unknown, timedOut: boolean): string {
  if (timedOut) return 'deadline_exceeded';
  if (isOmniQError(error) && fatal.has(error.code)) return error.code.toLowerCase();
  return error instanceof NonRetryable ? 'not_retryable' : 'error';
}

/** Codes that no repetition mends. */
const fatal: ReadonlySet<string> = new Set([
  'INVALID_INPUT',
  'PAYLOAD_REFUSED',
  'PAYLOAD_UNSUPPORTED',
  'PAYLOAD_TOO_LARGE',
]);

function delay(run: Run, error: unknown, delayOf: Surroundings['delayOf']): { delayMs?: number } {
  if (error instanceof RetryAfter) return { delayMs: error.delayMs };
  if (delayOf === undefined) return {};
  try {
    return { delayMs: parseDuration(delayOf(run.attempt, error), 'retry.backoff') };
  } catch (cause) {
    run.log.warn({ err: cause }, 'the backoff function failed; the default delay is used');
    return {};
  }
}

/** Told to a run when its worker stops. */
export function stopped(): OmniQError {
  return new OmniQError('WORKER_STOPPED', 'The worker is stopping; the task is handed back.');
}
