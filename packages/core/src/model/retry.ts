import { OmniQError } from '../errors.ts';
import { parseDuration, type Duration } from '../duration.ts';

/** How long to wait before the next attempt: stored with the task, so every worker agrees. */
export interface Backoff {
  readonly kind: 'exponential' | 'linear' | 'fixed';
  readonly baseMs: number;
  readonly capMs: number;
  /** 0.25 spreads by up to a quarter either way. */
  readonly jitter: number;
}

export const defaultBackoff: Backoff = { kind: 'exponential', baseMs: 1_000, capMs: 60_000, jitter: 0.25 };
export const defaultMaxAttempts = 4;

/** What a task may say about its retries. */
export interface RetryOptions {
  /** Executions in all; default 4. Not together with `maxRetries`. */
  readonly maxAttempts?: number;
  /** Executions after the first; default 3. */
  readonly maxRetries?: number;
  /** Default `exponential`. A function gets the number of attempts made and the error, and stays in the worker. */
  readonly backoff?: Backoff['kind'] | ((attempt: number, error: unknown) => Duration);
  /** First delay; default 1 s. */
  readonly delay?: Duration;
  /** Longest delay; default 60 s. */
  readonly maxDelay?: Duration;
  /** 0 to 1; default 0.25. */
  readonly jitter?: number;
}

/** The number of executions that the options allow. */
export function maxAttemptsOf(options: RetryOptions): number | undefined {
  const { maxAttempts, maxRetries } = options;
  if (maxAttempts !== undefined && maxRetries !== undefined) {
    throw new OmniQError('INVALID_OPTION', 'maxAttempts and maxRetries say the same thing twice.', {
      hint: 'Give one: maxAttempts counts executions, maxRetries is one less.',
    });
  }
  const attempts = maxAttempts ?? (maxRetries === undefined ? undefined : maxRetries + 1);
  if (attempts !== undefined && !(Number.isInteger(attempts) && attempts >= 1 && attempts <= 10_000)) {
    const given = maxAttempts === undefined ? `maxRetries: ${maxRetries}` : `maxAttempts: ${maxAttempts}`;
    throw new OmniQError('INVALID_OPTION', `${given} is out of range.`, { hint: 'Executions are 1 to 10000.' });
  }
  return attempts;
}

/** The stored part of the options, or `undefined` if they say nothing about it. */
export function backoffOf(options: RetryOptions): Backoff | undefined {
  const { backoff, delay, maxDelay, jitter } = options;
  if (typeof backoff === 'function' || [backoff, delay, maxDelay, jitter].every((given) => given === undefined)) {
    return undefined;
  }
  if (jitter !== undefined && !(jitter >= 0 && jitter <= 1)) {
    throw new OmniQError('INVALID_OPTION', `retry.jitter is ${jitter}.`, { hint: 'It is a share from 0 to 1.' });
  }
  return {
    kind: backoff ?? defaultBackoff.kind,
    baseMs: delay === undefined ? defaultBackoff.baseMs : parseDuration(delay, 'retry.delay'),
    capMs: maxDelay === undefined ? defaultBackoff.capMs : parseDuration(maxDelay, 'retry.maxDelay'),
    jitter: jitter ?? defaultBackoff.jitter,
  };
}

/** Ms to wait after `attempt` executions (1 after the first). */
export function retryDelay(backoff: Backoff, attempt: number, random: () => number): number {
  const grown = {
    exponential: backoff.baseMs * 2 ** Math.min(attempt - 1, 40),
    linear: backoff.baseMs * attempt,
    fixed: backoff.baseMs,
  }[backoff.kind];
  const spread = 1 + backoff.jitter * (2 * random() - 1);
  return Math.round(Math.min(grown, backoff.capMs) * spread);
}

/** Throw it to retry after a delay of your own, as with HTTP 429. Counts as an attempt. */
export class RetryAfter extends Error {
  override readonly name = 'RetryAfter';
  readonly delayMs: number;

  constructor(delay: Duration, options?: { message?: string; cause?: unknown }) {
    super(options?.message ?? `retry after ${delay}`, { cause: options?.cause });
    this.delayMs = parseDuration(delay, 'RetryAfter');
  }
}

/** Throw it to fail at once, whatever retries are left. */
export class NonRetryable extends Error {
  override readonly name = 'NonRetryable';
}

/** What `ctx.snooze` throws: run again later, no attempt spent. */
export class Snooze extends Error {
  override readonly name = 'Snooze';
  readonly delayMs: number;

  constructor(delay: Duration) {
    super(`snooze for ${delay}`);
    this.delayMs = parseDuration(delay, 'snooze');
  }
}
