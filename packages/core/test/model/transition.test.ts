import { describe, expect, test } from 'vitest';
import { cancel, complete, fail, handBack, maxCrashes, redrive, rescue, snooze } from '../../src/model/transition.ts';
import { defaultSpec } from '../../src/model/task-spec.ts';
import { retryDelay } from '../../src/model/retry.ts';

const error = new Uint8Array([1]);
const run = { attempt: 0, startedAt: 900, expiresAt: null };
const middle = (): number => 0.5;
const failure = { error, reason: 'not_retryable', retryable: true };

describe('a failed run', () => {
  test('waits for its backoff while attempts are left', () => {
    const { set, event } = fail(run, defaultSpec, failure, 900, 1_000, middle);
    expect(event).toBe('RETRY');
    expect(set).toMatchObject({ state: 'waiting', attempt: 1, runAt: 2_000, startedAt: null });
  });

  test('ends once its attempts are spent', () => {
    const { set, event } = fail({ ...run, attempt: 3 }, defaultSpec, failure, 900, 1_000, middle);
    expect(event).toBe('ERROR');
    expect(set).toMatchObject({ state: 'failed', attempt: 4, reason: 'retries_spent', finishedAt: 1_000 });
  });

  test('ends at once when it must not be repeated', () => {
    const { set } = fail(run, defaultSpec, { ...failure, retryable: false }, 900, 1_000, middle);
    expect(set).toMatchObject({ state: 'failed', attempt: 1, reason: 'not_retryable' });
  });

  test('expires when its next start would come after its time to live', () => {
    const { set, event } = fail({ ...run, expiresAt: 1_999 }, defaultSpec, failure, 900, 1_000, middle);
    expect(event).toBe('EXPIRED');
    expect(set.state).toBe('expired');
  });

  test('takes the delay that its error names', () => {
    const { set } = fail(run, defaultSpec, { ...failure, delayMs: 90_000 }, 900, 1_000, middle);
    expect(set.runAt).toBe(91_000);
  });
});

describe('the backoff', () => {
  test.each([
    ['exponential', [1_000, 2_000, 4_000, 32_000, 60_000, 60_000], [1, 2, 3, 6, 7, 40]],
    ['linear', [1_000, 2_000, 60_000], [1, 2, 100]],
    ['fixed', [1_000, 1_000], [1, 9]],
  ] as const)('%s grows as promised', (kind, delays, attempts) => {
    const backoff = { kind, baseMs: 1_000, capMs: 60_000, jitter: 0.25 };
    expect(attempts.map((attempt) => retryDelay(backoff, attempt, middle))).toEqual(delays);
  });

  test('spreads by a quarter either way', () => {
    const backoff = { kind: 'fixed', baseMs: 1_000, capMs: 60_000, jitter: 0.25 } as const;
    expect(retryDelay(backoff, 1, () => 0)).toBe(750);
    expect(retryDelay(backoff, 1, () => 1)).toBe(1_250);
  });
});

describe('a task whose worker is gone', () => {
  const row = { startedAt: 5, crashes: 0, cancelRequested: false };

  test('goes back with a crash, not an attempt', () => {
    const { set } = rescue(row, false, error, 100);
    expect(set).toMatchObject({ state: 'waiting', crashes: 1, runAt: 100, reason: 'lease_expired' });
    expect(set).not.toHaveProperty('attempt');
  });

  test('that had not started is no part of the crash', () => {
    expect(rescue({ ...row, startedAt: null }, true, error, 100).set.crashes).toBe(0);
  });

  test('is only blamed further for a death while alone', () => {
    const suspect = { ...row, crashes: 2 };
    expect(rescue(suspect, false, error, 100).set.crashes).toBe(2);
    expect(rescue(suspect, true, error, 100).set.crashes).toBe(3);
  });

  test('ends as poison beyond the bound', () => {
    const { set, event } = rescue({ ...row, crashes: maxCrashes }, true, error, 100);
    expect(event).toBe('ERROR');
    expect(set).toMatchObject({ state: 'failed', reason: 'poison', crashes: maxCrashes + 1 });
  });

  test('that was asked to cancel is cancelled', () => {
    expect(rescue({ ...row, cancelRequested: true }, false, error, 100).set.state).toBe('cancelled');
  });
});

test('snooze and handing back spend no attempt', () => {
  for (const { set } of [snooze(500, 1_000), handBack(700, 'shutdown')]) {
    expect(set.state).toBe('waiting');
    expect(set.startedAt).toBeNull();
    expect(set).not.toHaveProperty('attempt');
  }
  expect(snooze(500, 1_000).set.runAt).toBe(1_500);
});

test('a completion writes no more than its end, and the start of a task that was claimed ahead', () => {
  expect(complete({ attempt: 2, startedAt: 5 }, 5, 9).set).toEqual({ state: 'completed', attempt: 3, finishedAt: 9 });
  expect(complete({ attempt: 0, startedAt: null }, 7, 9).set).toMatchObject({ startedAt: 7 });
});

test('a redrive starts from zero and lives on without its time to live', () => {
  expect(redrive({ redrives: 1 }, 50).set).toMatchObject({
    state: 'waiting',
    attempt: 0,
    crashes: 0,
    redrives: 2,
    expiresAt: null,
  });
  expect(cancel(50, 'x').set).toMatchObject({ state: 'cancelled', finishedAt: 50 });
});
