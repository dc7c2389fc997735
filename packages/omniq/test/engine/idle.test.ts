import { defineTask, type TaskDefinition } from '@omniq/core';
import type { TaskStore } from '@omniq/core/storage';
import { expect, test } from 'vitest';
import { fleet, worker } from './fleet.ts';

test('an idle worker asks a store for at most one thing a second, though it has two lanes to a server', async () => {
  const { ambient, engine } = await fleet();
  let calls = 0;
  const counted = engine(
    (store) =>
      new Proxy(store, {
        get(target, verb) {
          if (verb === 'capabilities') return { ...target.capabilities, shared: 'network' };
          const value: unknown = target[verb as keyof TaskStore];
          if (typeof value !== 'function') return value;
          return (...args: unknown[]): unknown => {
            calls += 1;
            return (value as (...given: unknown[]) => unknown).apply(target, args);
          };
        },
      }),
  );
  const task = defineTask({ name: 'idle', run: () => {} }) as TaskDefinition<never>;
  await worker(counted, [task], { pid: 1 }).start();
  await ambient.advance(10_000);
  calls = 0;
  await ambient.advance(300_000);
  expect(calls / 300).toBeLessThanOrEqual(1);
  expect(calls).toBeGreaterThan(100);
});
