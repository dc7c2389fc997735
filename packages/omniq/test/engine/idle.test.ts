import { defineTask, type TaskDefinition } from '@omniq/core';
import { sleep, type TaskStore } from '@omniq/core/storage';
import type { VirtualAmbient } from '@omniq/testkit';
import { expect, test } from 'vitest';
import { fleet, worker } from './fleet.ts';

/** A store with a network before it, so that its workers have two lanes: notes the calls, which take 2 ms each. */
function overNetwork(store: TaskStore, calls: string[], { timers }: VirtualAmbient): TaskStore {
  return new Proxy(store, {
    get(target, verb) {
      if (verb === 'capabilities') return { ...target.capabilities, shared: 'network' };
      const value: unknown = target[verb as keyof TaskStore];
      if (typeof value !== 'function' || verb === 'watch') return value;
      return async (...args: unknown[]): Promise<unknown> => {
        calls.push(verb as string);
        await sleep(timers, 1);
        const answer = await (value as (...given: unknown[]) => unknown).apply(target, args);
        await sleep(timers, 1);
        return answer;
      };
    },
  });
}

/** Hears only what the test says. */
function deaf(store: TaskStore, heard: (wake: () => void) => void): TaskStore {
  return new Proxy(store, {
    get(target, verb) {
      if (verb === 'watch') return (wake: () => void) => (heard(wake), () => {});
      return target[verb as keyof TaskStore];
    },
  });
}

const task = defineTask({ name: 'nothing', run: () => {} }) as TaskDefinition<never>;

test('an idle worker asks a store for at most one thing a second, though it has two lanes to a server', async () => {
  const { ambient, engine } = await fleet();
  const calls: string[] = [];
  const far = engine((store) => deaf(overNetwork(store, calls, ambient), () => {}));
  const starting = worker(far, [task], { pid: 1 }).start();
  await ambient.advance(10_000);
  await starting;
  calls.length = 0;
  await ambient.advance(300_000);
  expect(calls.length / 300).toBeLessThanOrEqual(1);
  expect(calls.length).toBeGreaterThan(100);
});

test('a task that comes alone is claimed and settled in one lane', async () => {
  const { ambient, engine } = await fleet();
  const calls: string[] = [];
  let ring = (): void => {};
  const far = engine((store) => deaf(overNetwork(store, calls, ambient), (wake) => (ring = wake)));
  const starting = worker(far, [task], { pid: 1 }).start();
  await ambient.advance(10_000);
  await starting;
  calls.length = 0;
  for (let n = 1; n <= 10; n += 1) {
    await engine().enqueuer.enqueue({ task, input: undefined, options: {} });
    ring();
    await ambient.advance(100);
    const exchanges = calls.filter((verb) => verb === 'claim' || verb === 'swap' || verb === 'update');
    expect(exchanges).toEqual(Array.from({ length: n }, () => ['claim', 'swap']).flat());
  }
});
