import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { defineContract, defineTask, implement, NonRetryable, RetryAfter, type TaskContext } from '../../src/index.ts';
import { openOn, stores } from './stores.ts';

const double = defineTask({ name: 'double', run: (n: number) => n * 2 });

describe.each(stores)('a run on %s', (store) => {
  test('gives its result to whoever waits for it', async () => {
    const omniq = await openOn(store);
    await omniq.work({ tasks: [double] });
    const handle = await omniq.enqueue(double, 21);
    expect(await handle.result({ timeout: '10s' })).toBe(42);
    expect(await handle.get()).toMatchObject({ state: 'completed', attempt: 1, name: 'double', queue: 'default' });
  });

  test('that returns nothing completes with undefined', async () => {
    const omniq = await openOn(store);
    const nothing = defineTask({ name: 'nothing', run: () => {} });
    await omniq.work({ tasks: [nothing] });
    expect(await (await omniq.enqueue(nothing)).result({ timeout: '10s' })).toBeUndefined();
  });

  test('is repeated until it succeeds, and every attempt is on record', async () => {
    const omniq = await openOn(store);
    let runs = 0;
    const flaky = defineTask({
      name: 'flaky',
      retry: { delay: 1 },
      run: () => {
        runs += 1;
        if (runs < 3) throw new TypeError(`no ${runs}`);
        return runs;
      },
    });
    await omniq.work({ tasks: [flaky] });
    const handle = await omniq.enqueue(flaky);
    expect(await handle.result({ timeout: '10s' })).toBe(3);
    const attempts = await handle.attempts();
    expect(attempts.map(({ attempt, outcome, error }) => [attempt, outcome, error?.message])).toEqual([
      [1, 'retry', 'no 1'],
      [2, 'retry', 'no 2'],
      [3, 'completed', undefined],
    ]);
    expect(attempts[0]?.error?.name).toBe('TypeError');
  });

  test('whose attempts are spent ends as failed, with its error as the cause', async () => {
    const omniq = await openOn(store);
    const broken = defineTask({
      name: 'broken',
      retry: { maxRetries: 1, delay: 1 },
      run: () => {
        throw new RangeError('too far', { cause: new Error('deep') });
      },
    });
    await omniq.work({ tasks: [broken] });
    const handle = await omniq.enqueue(broken);
    const error = await handle.result({ timeout: '10s' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'TASK_FAILED',
      cause: { name: 'RangeError', message: 'too far', cause: { message: 'deep' } },
    });
    expect(await handle.get()).toMatchObject({ state: 'failed', attempt: 2, reason: 'retries_spent' });
  });

  test('that must not be repeated fails at once', async () => {
    const omniq = await openOn(store);
    const never = defineTask({
      name: 'never',
      run: () => {
        throw new NonRetryable('bad input');
      },
    });
    await omniq.work({ tasks: [never] });
    const handle = await omniq.enqueue(never);
    await expect(handle.result({ timeout: '10s' })).rejects.toMatchObject({ code: 'TASK_FAILED' });
    expect(await handle.get()).toMatchObject({ attempt: 1, reason: 'not_retryable' });
  });

  test('may name the delay of its next attempt', async () => {
    const omniq = await openOn(store);
    const limited = defineTask({
      name: 'limited',
      run: () => {
        throw new RetryAfter('1h');
      },
    });
    const worker = await omniq.work({ tasks: [limited], limit: 1 });
    const handle = await omniq.enqueue(limited);
    await worker.done;
    const task = await handle.get();
    expect(task?.state).toBe('scheduled');
    expect((task?.runAt ?? 0) - (task?.createdAt ?? 0)).toBeGreaterThanOrEqual(3_600_000);
  });

  test('that snoozes spends no attempt', async () => {
    const omniq = await openOn(store);
    let runs = 0;
    const sleepy = defineTask({
      name: 'sleepy',
      retry: { maxAttempts: 1 },
      run: (_: void, ctx) => {
        runs += 1;
        return runs < 4 ? ctx.snooze(1) : ctx.attempt;
      },
    });
    await omniq.work({ tasks: [sleepy], poll: '50ms' });
    const handle = await omniq.enqueue(sleepy);
    expect(await handle.result({ timeout: '10s' })).toBe(1);
    expect(await handle.get()).toMatchObject({ state: 'completed', attempt: 1 });
  });

  test('past its timeout sees its signal abort and counts as an attempt', async () => {
    const omniq = await openOn(store);
    const slow = defineTask({
      name: 'slow',
      timeout: 20,
      retry: { maxAttempts: 1 },
      run: (_: void, { signal }: TaskContext) =>
        new Promise<never>((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error)),
        ),
    });
    await omniq.work({ tasks: [slow] });
    const handle = await omniq.enqueue(slow);
    const error = await handle.result({ timeout: '10s' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TASK_FAILED', cause: { code: 'RUN_TIMEOUT' } });
    expect(await handle.get()).toMatchObject({ attempt: 1 });
  });

  test('knows its task, its attempt and its fence', async () => {
    const omniq = await openOn(store);
    const look = defineTask({
      name: 'look',
      queue: 'q',
      run: (_: void, { id, name, queue, attempt, maxAttempts, fence, idempotencyKey, correlationId }) => ({
        id,
        name,
        queue,
        attempt,
        maxAttempts,
        fence,
        idempotencyKey,
        correlationId,
      }),
    });
    await omniq.work({ tasks: [look], queues: ['q'] });
    const handle = await omniq.enqueue(look, undefined, { correlationId: 'order-7' });
    const { id } = handle;
    const seen = await handle.result({ timeout: '10s' });
    expect(seen).toMatchObject({ id, name: 'look', queue: 'q', attempt: 1, maxAttempts: 4, correlationId: 'order-7' });
    expect(seen.fence).toBe((await handle.get())?.lease);
  });

  test('reports progress that others can read', async () => {
    const omniq = await openOn(store);
    const goOn = Promise.withResolvers<void>();
    const told = Promise.withResolvers<void>();
    const stepwise = defineTask({
      name: 'stepwise',
      run: async (_: void, ctx) => {
        await ctx.progress(0.5, { step: 'half' });
        told.resolve();
        await goOn.promise;
      },
    });
    await omniq.work({ tasks: [stepwise] });
    const handle = await omniq.enqueue(stepwise);
    await told.promise;
    expect((await handle.get())?.progress).toEqual({ share: 0.5, details: { step: 'half' } });
    goOn.resolve();
    await handle.result({ timeout: '10s' });
  });

  test('passes its correlation id on to what it enqueues', async () => {
    const omniq = await openOn(store);
    const parent = defineTask({ name: 'parent', run: async () => (await omniq.enqueue(double, 1)).id });
    await omniq.work({ tasks: [parent, double] });
    const child = await (
      await omniq.enqueue(parent, undefined, { correlationId: 'trace-1' })
    ).result({ timeout: '10s' });
    expect(await omniq.tasks.get(child)).toMatchObject({ correlationId: 'trace-1' });
  });

  test('checks its input at enqueue and transforms it before the run', async () => {
    const omniq = await openOn(store);
    const typed = defineTask({
      name: 'typed',
      input: z.object({ n: z.coerce.number().int() }),
      run: ({ n }) => n + 1,
    });
    await omniq.work({ tasks: [typed] });
    // @ts-expect-error the input's type is known
    await expect(omniq.enqueue(typed, { m: 1 })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(await (await omniq.enqueue(typed, { n: '41' })).result({ timeout: '10s' })).toBe(42);
  });

  test('can be enqueued by contract, by name and by function', async () => {
    const omniq = await openOn(store);
    const contract = defineContract<number, number>({ name: 'triple' });
    const increment = (n: number): number => n + 1;
    await expect(omniq.enqueue(increment, 1)).rejects.toMatchObject({ code: 'TASK_UNNAMED' });
    await omniq.work({ tasks: [implement(contract, (n: number) => n * 3), double] });
    await omniq.work({ tasks: { 'math.increment': increment }, queues: ['functions'] });
    expect(await (await omniq.enqueue(contract, 3)).result({ timeout: '10s' })).toBe(9);
    expect(await (await omniq.enqueue('double', 3)).result({ timeout: '10s' })).toBe(6);
    const handle = await omniq.enqueue(increment, 3, { queue: 'functions' });
    expect(await handle.result({ timeout: '10s' })).toBe(4);
    expect(await handle.get()).toMatchObject({ name: 'math.increment' });
  });
});
