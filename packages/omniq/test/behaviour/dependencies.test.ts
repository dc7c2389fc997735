import { describe, expect, test } from 'vitest';
import { defineTask, type OmniQ } from '../../src/index.ts';
import { openOn, stores } from './stores.ts';

const work = defineTask({ name: 'work', run: (n: number) => n });
const fails = defineTask({
  name: 'fails',
  retry: { maxAttempts: 1 },
  run: () => {
    throw new Error('on purpose');
  },
});
const sum = defineTask({
  name: 'sum',
  run: async (_: void, ctx) => {
    const parts = await ctx.parents();
    return parts.reduce<number>((total, part) => total + (typeof part === 'number' ? part : 0), 0);
  },
});

async function runAll(omniq: OmniQ): Promise<void> {
  await (
    await omniq.work({ tasks: [work, fails, sum], untilEmpty: true })
  ).done;
}

describe.each(stores)('a task that waits for others on %s', (store) => {
  test('runs after all of them, with their results', async () => {
    const omniq = await openOn(store);
    const parents = await Promise.all([1, 2, 3, 4].map((n) => omniq.enqueue(work, n)));
    const child = await omniq.enqueue(sum, undefined, { dependsOn: parents });
    expect(await child.get()).toMatchObject({ state: 'blocked', waitsFor: 4 });
    await runAll(omniq);
    expect(await child.result({ timeout: '10s' })).toBe(10);
  });

  test('runs at once when they had all ended before', async () => {
    const omniq = await openOn(store);
    const parent = await omniq.enqueue(work, 5);
    await runAll(omniq);
    const child = await omniq.enqueue(sum, undefined, { dependsOn: parent });
    await runAll(omniq);
    expect(await child.result({ timeout: '10s' })).toBe(5);
  });

  test('is cancelled with its own children when one of them fails', async () => {
    const omniq = await openOn(store);
    const [good, bad] = [await omniq.enqueue(work, 1), await omniq.enqueue(fails)];
    const child = await omniq.enqueue(sum, undefined, { dependsOn: [good, bad] });
    const grandchild = await omniq.enqueue(sum, undefined, { dependsOn: child });
    await runAll(omniq);
    expect(await child.get()).toMatchObject({ state: 'cancelled', reason: 'parent_failed' });
    expect(await grandchild.get()).toMatchObject({ state: 'cancelled', reason: 'parent_failed' });
    await expect(child.result({ timeout: '10s' })).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
  });

  test('runs all the same when told to', async () => {
    const omniq = await openOn(store);
    const [good, bad] = [await omniq.enqueue(work, 7), await omniq.enqueue(fails)];
    const child = await omniq.enqueue(sum, undefined, { dependsOn: [good, bad], onParentFailure: 'run' });
    await runAll(omniq);
    expect(await child.result({ timeout: '10s' })).toBe(7);
  });

  test('is cancelled at once when its parent had failed before', async () => {
    const omniq = await openOn(store);
    const bad = await omniq.enqueue(fails);
    await runAll(omniq);
    const child = await omniq.enqueue(sum, undefined, { dependsOn: bad });
    expect(await child.get()).toMatchObject({ state: 'cancelled' });
  });

  test('refuses a parent that nobody knows', async () => {
    const omniq = await openOn(store);
    await expect(omniq.enqueue(sum, undefined, { dependsOn: 'nobody' })).rejects.toMatchObject({
      code: 'PARENT_UNKNOWN',
    });
  });

  test('may stand before its parents in one batch, but not in a circle', async () => {
    const omniq = await openOn(store);
    await omniq.enqueueMany([
      [sum, undefined, { id: 'child', dependsOn: ['p1', 'p2'] }],
      [work, 20, { id: 'p1' }],
      [work, 22, { id: 'p2' }],
    ]);
    await runAll(omniq);
    expect(await omniq.handle('child').result({ timeout: '10s' })).toBe(42);
    const circle = omniq.enqueueMany([
      [work, 1, { id: 'a', dependsOn: 'b' }],
      [work, 1, { id: 'b', dependsOn: 'a' }],
    ]);
    await expect(circle).rejects.toMatchObject({ code: 'CYCLE', details: { path: ['a', 'b', 'a'] } });
    expect(await omniq.tasks.get('a')).toBeUndefined();
  });

  test('with a thousand parents runs exactly once', async () => {
    const omniq = await openOn(store);
    const ids = Array.from({ length: 1_000 }, (_, index) => `part-${index}`);
    await omniq.enqueueMany(ids.map((id) => [work, 1, { id }] as const));
    const child = await omniq.enqueue(sum, undefined, { dependsOn: ids });
    await runAll(omniq);
    expect(await child.result({ timeout: '10s' })).toBe(1_000);
    expect(await child.get()).toMatchObject({ attempt: 1 });
  });
});
