import { createOmniQ, defineContract, defineTask } from '@omniq/omniq';
import { performTask, SpiedExecutor, spyOn, testOmniQ } from '@omniq/testkit/app';
import { describe, expect, test } from 'vitest';

const half = defineTask({
  name: 'half',
  retry: { maxAttempts: 2, delay: 0 },
  run: async (n: number) => {
    if (n % 2 === 1) throw new Error('odd');
    return n / 2;
  },
});

describe('a spy', () => {
  test('sees inputs, contexts, results and errors, and changes nothing', async () => {
    using spy = spyOn(half);
    await using omniq = await testOmniQ({ tasks: [half] });
    const handle = await omniq.enqueue(half, 4, { correlationId: 'c' });
    await omniq.enqueue(half, 3);
    await omniq.drain();
    expect(await handle.result()).toBe(2);
    expect(spy.calls).toMatchObject([
      { input: 4, status: 'returned', result: 2, context: { id: handle.id, correlationId: 'c', attempt: 1 } },
      { input: 3, status: 'threw', error: { message: 'odd' }, context: { attempt: 1 } },
      { input: 3, status: 'threw', error: { message: 'odd' }, context: { attempt: 2 } },
    ]);
  });

  test('sees a run that is under way', async () => {
    const gate = Promise.withResolvers<void>();
    const waits = defineTask({ name: 'waits', run: () => gate.promise });
    using spy = spyOn(waits);
    await using omniq = await testOmniQ({ tasks: [waits] });
    await omniq.enqueue(waits);
    await omniq.advance(0, { duringRuns: true });
    expect(spy.calls).toMatchObject([{ status: 'running' }]);
    gate.resolve();
    await omniq.drain();
    expect(spy.calls).toMatchObject([{ status: 'returned' }]);
  });

  test('can forget, and ends with its block', async () => {
    const spy = spyOn(half);
    await performTask(half, 2);
    spy.reset();
    await performTask(half, 4);
    spy.restore();
    await performTask(half, 6);
    expect(spy.calls.map(({ input }) => input)).toEqual([4]);
  });

  test('watches a worker of an application as well', async () => {
    using spy = spyOn(half).stub(() => 1);
    await using omniq = await createOmniQ({ tasks: 'memory:', logging: { disabled: true } });
    await omniq.work({ tasks: [half], executors: [new SpiedExecutor()] });
    const handle = await omniq.enqueue(half, 8);
    expect(await handle.result()).toBe(1);
    expect(spy.calls).toMatchObject([{ input: 8, result: 1 }]);
  });

  test('watches a plain function', async () => {
    const double = (n: number): number => n * 2;
    using spy = spyOn(double);
    await using omniq = await testOmniQ({ tasks: { double }, inline: true });
    await omniq.enqueue(double, 2);
    expect(spy.calls).toMatchObject([{ input: 2, result: 4 }]);
  });

  test('needs code to watch', () => {
    expect(() => spyOn(defineContract({ name: 'contract' }))).toThrow(/contract without code/);
  });
});

describe('a stub', () => {
  test('takes the place of the handler, for its block', async () => {
    {
      using spy = spyOn(half).stub((n) => n * 100);
      expect(await performTask(half, 3)).toBe(300);
      expect(spy.calls).toMatchObject([{ input: 3, result: 300 }]);
    }
    expect(await performTask(half, 4)).toBe(2);
  });

  test('can fail in its place', async () => {
    using spy = spyOn(half).stub(() => {
      throw new Error('down');
    });
    await expect(performTask(half, 4)).rejects.toThrow('down');
    expect(spy.calls).toMatchObject([{ status: 'threw' }]);
  });

  test('of several the newest counts, and all see it', async () => {
    using outer = spyOn(half).stub(() => 1);
    const inner = spyOn(half).stub(() => 2);
    expect(await performTask(half, 4)).toBe(2);
    inner.restore();
    expect(await performTask(half, 4)).toBe(1);
    expect(outer.calls).toMatchObject([{ result: 2 }, { result: 1 }]);
    expect(inner.calls).toMatchObject([{ result: 2 }]);
  });
});
