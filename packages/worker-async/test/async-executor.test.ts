import { describe, expect, test } from 'vitest';
import type { TaskContext } from '@omniq/core';
import { AsyncExecutor } from '../src/index.ts';

const executor = new AsyncExecutor();

function run(handler: (input: never, ctx: TaskContext) => unknown, input?: unknown) {
  return executor.run({ id: 'a', name: 'n', run: handler as never, input, context: {} as TaskContext });
}

describe('a handler on the event loop', () => {
  test('that is not async answers at once, without a promise', () => {
    expect(run((n: number) => n + 1, 1)).toEqual({ ok: true, value: 2 });
  });

  test('that is async answers when it has ended', async () => {
    await expect(run(async (n: number) => n + 1, 1)).resolves.toEqual({ ok: true, value: 2 });
  });

  test('may return anything that can be awaited', async () => {
    const thenable = { then: (done: (value: number) => void) => done(3) };
    await expect(run(() => thenable)).resolves.toEqual({ ok: true, value: 3 });
  });

  test.each([
    ['an error', new Error('x')],
    ['a text', 'x'],
    ['nothing', undefined],
    ['null', null],
  ])('may throw %s, now or later', async (_what, thrown) => {
    const now = run(() => {
      throw thrown;
    });
    expect(now).toEqual({ ok: false, error: thrown });
    await expect(run(() => Promise.reject(thrown))).resolves.toEqual({ ok: false, error: thrown });
  });

  test('cannot be killed, and the executor says so', () => {
    expect(executor.kill()).toBe(false);
  });
});
