import { describeError, type TaskError } from './task-error.ts';

/** One execution of a task, as its history keeps it. */
export interface Attempt {
  readonly lease: number;
  /** Which counted execution it was, from 1. */
  readonly attempt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** The session that ran it. */
  readonly worker: string | null;
  /** What came of it: `completed`, `failed`, `retry`, `crashed`, `cancelled`, `snoozed` ... */
  readonly outcome: string;
  readonly error: TaskError | null;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeAttempt({ lease: _lease, ...attempt }: Attempt): Uint8Array {
  return encoder.encode(JSON.stringify(attempt));
}

/** Never throws: a malformed record is an attempt about which nothing is known. */
export function readAttempt(lease: number, record: Uint8Array): Attempt {
  let parsed: unknown;
  try {
    parsed = JSON.parse(decoder.decode(record));
  } catch {
    parsed = null;
  }
  const given = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Partial<Attempt>;
  const numberOr = <T>(value: unknown, fallback: T): number | T => (typeof value === 'number' ? value : fallback);
  return {
    lease,
    attempt: numberOr(given.attempt, 0),
    startedAt: numberOr(given.startedAt, null),
    finishedAt: numberOr(given.finishedAt, null),
    worker: typeof given.worker === 'string' ? given.worker : null,
    outcome: typeof given.outcome === 'string' ? given.outcome : 'unknown',
    error: typeof given.error === 'object' && given.error !== null ? describeError(given.error) : null,
  };
}
