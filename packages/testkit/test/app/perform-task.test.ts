import { setTimeout as sleep } from 'node:timers/promises';
import { currentTask, defineTask, OmniQError, RetryAfter, type TaskContext } from '@omniq/omniq';
import { performTask } from '@omniq/testkit/app';
import { expect, test } from 'vitest';

const echo = defineTask({ name: 'echo', queue: 'echoes', run: (value: unknown) => value });
const context = defineTask({ name: 'context', timeout: '30s', run: (_: unknown, ctx) => told(ctx) });

function told({ id, name, queue, attempt, maxAttempts, correlationId, priority, deadlineAt }: TaskContext): object {
  return { id, name, queue, attempt, maxAttempts, correlationId, priority, deadlineAt };
}

/** A Standard Schema that makes numbers of texts. */
const number = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value: unknown) =>
      Number.isFinite(Number(value)) ? { value: Number(value) } : { issues: [{ message: 'is no number' }] },
    types: undefined as unknown as { readonly input: number | string; readonly output: number },
  },
} as const;
const double = defineTask({ name: 'double', input: number, run: (n) => n * 2 });

test('returns what the handler returns, as those who wait would get it', async () => {
  const input = { at: new Date(5), set: new Set([1]), gone: undefined };
  const result = await performTask(echo, input);
  expect(result).toEqual(input);
  expect(result).not.toBe(input);
  const kept = { n: 1 };
  const keeps = defineTask({ name: 'keeps', run: () => kept });
  expect(await performTask(keeps)).toEqual(kept);
  expect(await performTask(keeps)).not.toBe(kept);
});

test('checks the input, and gives the handler what the schema makes of it', async () => {
  expect(await performTask(double, '21')).toBe(42);
  await expect(performTask(double, 'x')).rejects.toMatchObject({ code: 'INVALID_INPUT', message: /is no number/ });
});

test('refuses what cannot be carried, on the way in and on the way out', async () => {
  await expect(performTask(echo, () => 1)).rejects.toMatchObject({ code: 'PAYLOAD_UNSUPPORTED' });
  const returns = defineTask({ name: 'returns', run: (): unknown => () => 1 });
  const error: unknown = await performTask(returns).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OmniQError);
  expect(error).toMatchObject({ code: 'PAYLOAD_UNSUPPORTED' });
});

test('throws what the handler throws, itself, and runs it once', async () => {
  const thrown: unknown[] = [new Error('no'), new RetryAfter(0), 'text'];
  for (const value of thrown) {
    let runs = 0;
    const fails = defineTask({
      name: 'fails',
      retry: { delay: 0 },
      run: () => {
        runs += 1;
        throw value;
      },
    });
    expect(await performTask(fails).catch((error: unknown) => error)).toBe(value);
    expect(runs).toBe(1);
  }
  const snoozes = defineTask({ name: 'snoozes', run: (_: void, ctx) => ctx.snooze('1m') });
  await expect(performTask(snoozes)).rejects.toMatchObject({ name: 'Snooze', delayMs: 60_000 });
});

test('gives the context of a first attempt, or of the one asked for', async () => {
  const now = Date.UTC(2027, 0, 31);
  const first = await performTask(context, null, { now, id: 'one' });
  expect(first).toEqual({
    id: 'one',
    name: 'context',
    queue: 'default',
    attempt: 1,
    maxAttempts: 4,
    correlationId: 'one',
    priority: 0,
    deadlineAt: now + 30_000,
  });
  const options = { attempt: 3, correlationId: 'order-7', queue: 'q', priority: 4, retry: { maxAttempts: 7 } };
  expect(await performTask(context, null, options)).toMatchObject({
    attempt: 3,
    correlationId: 'order-7',
    queue: 'q',
    priority: 4,
    maxAttempts: 7,
  });
  await expect(performTask(context, null, { attempt: 0 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});

test('the whole context works', async () => {
  const whole = defineTask({
    name: 'whole',
    run: async (_: void, ctx) => {
      await ctx.progress(0.5, { half: true });
      ctx.log.info({}, 'hello');
      return [await ctx.parents(), ctx.fence > 0, currentTask()?.id === ctx.id];
    },
  });
  expect(await performTask(whole, undefined, { parents: [{ n: 1 }, 'two'] })).toEqual([[{ n: 1 }, 'two'], true, true]);
});

test('aborts with the signal it is given, and with its reason', async () => {
  const controller = new AbortController();
  const waits = defineTask({
    name: 'waits',
    run: async (_: void, ctx) => {
      controller.abort(new Error('enough'));
      expect(currentTask()?.signal.aborted).toBe(true);
      await ctx.progress(0.1);
      ctx.signal.throwIfAborted();
    },
  });
  await expect(performTask(waits, undefined, { signal: controller.signal })).rejects.toThrow('enough');
});

test('lets the timeout pass when asked', async () => {
  const tidies = defineTask({
    name: 'tidies',
    timeout: '10m',
    run: async (_: void, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await sleep(10);
      throw new Error('tidied up', { cause: signal.reason });
    },
  });
  await expect(performTask(tidies, undefined, { timesOut: true })).rejects.toMatchObject({
    message: 'tidied up',
    cause: { code: 'RUN_TIMEOUT' },
  });
  await expect(performTask(echo, 1, { timesOut: true })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});

test('gives up a handler that ignores its timeout, as a worker does', async () => {
  const ignores = defineTask({ name: 'ignores', timeout: '1h', run: () => new Promise<void>(() => {}) });
  const error: unknown = await performTask(ignores, undefined, { timesOut: true, patience: '20ms' }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(OmniQError);
  expect(error).toMatchObject({ code: 'RUN_TIMEOUT' });
});

test('says so when a handler does not end', async () => {
  const hangs = defineTask({ name: 'hangs', run: () => new Promise<void>(() => {}) });
  await expect(performTask(hangs, undefined, { patience: '20ms' })).rejects.toMatchObject({
    name: 'AssertionError',
    message: /Still running after 20 ms of real time: hangs/,
  });
});

test('takes a plain function', async () => {
  const triple = (n: number): number => n * 3;
  expect(await performTask(triple, 2)).toBe(6);
});
