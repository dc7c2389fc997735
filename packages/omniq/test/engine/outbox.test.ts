import { defaultRetention, relayTask, type TaskContext } from '@omniq/core';
import { newTask } from '@omniq/testkit/storage';
import { expect, test } from 'vitest';
import { fleet } from './fleet.ts';

const DAY = 86_400_000;

/** What waited in an outbox for `ageMs` and is carried on now. */
async function carry(ageMs: number, { redrives = 0, known = false, ...given } = {}): Promise<string> {
  const { engine, store, ambient } = await fleet();
  const target = engine();
  const now = ambient.clock.now();
  const row = newTask({ id: 'a', runAt: now - ageMs, admitBy: now - ageMs + 900_000, ...given });
  if (known) await store.insert([{ ...row, admitBy: now }], now);
  const carried = relayTask(target, defaultRetention).run?.(row as never, { redrives } as TaskContext);
  const outcome = await Promise.resolve(carried).then(
    () => 'carried',
    (error: Error) => `${error.name} ${(error as { code?: string }).code ?? ''}`.trim(),
  );
  return `${outcome}, ${(await store.get(['a']))[0] === undefined ? 'not there' : 'there'}`;
}

test('a task that waited long is inserted as if it came now', async () => {
  expect(await carry(0.9 * DAY)).toBe('carried, there');
});

test('one that may have been run and forgotten since is inserted by hand only', async () => {
  expect(await carry(1.1 * DAY)).toBe('NonRetryable, not there');
  expect(await carry(1.1 * DAY, { known: true })).toBe('carried, there');
  expect(await carry(1.1 * DAY, { redrives: 1 })).toBe('carried, there');
});

test('a parent that has not arrived is waited for as long as it may still arrive', async () => {
  const parents = [{ id: 'parent', policy: 'cancel' }] as const;
  expect(await carry(60_000, { parents } as never)).toBe('OmniQError PARENT_UNKNOWN, not there');
  expect(await carry(DAY / 2, { parents } as never)).toBe('NonRetryable, not there');
});
