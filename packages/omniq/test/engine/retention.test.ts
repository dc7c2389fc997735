import { defineTask, type TaskDefinition } from '@omniq/core';
import { expect, test } from 'vitest';
import { fleet, worker } from './fleet.ts';

const MINUTE = 60_000;
const task = defineTask({ name: 'short', run: () => 'done' }) as TaskDefinition<never>;

test('an ended task is kept for its time, and never less than a repeated enqueue may take to come', async () => {
  const { ambient, engine, store } = await fleet();
  const first = engine();
  const enqueue = () => first.enqueuer.enqueue({ task, input: undefined, options: { id: 't' } });
  await worker(first, [task], { pid: 1, retention: { ended: 1, failed: 1, events: 1 } }).start();
  await enqueue();
  await ambient.advance(20 * MINUTE);
  expect((await store.get(['t']))[0]).toMatchObject({ state: 'completed' });
  expect(await enqueue()).toMatchObject({ inserted: false });
  await ambient.advance(15 * MINUTE);
  expect((await store.get(['t']))[0]).toBeUndefined();
  expect(await enqueue()).toMatchObject({ inserted: false });
  expect((await store.get(['t']))[0]).toBeUndefined();
  await ambient.advance(35 * MINUTE);
  expect(await enqueue()).toMatchObject({ inserted: true });
});

test('a parent is not forgotten while a child waits for it', async () => {
  const { ambient, engine, store } = await fleet();
  const first = engine();
  await first.enqueuer.enqueue({ task, input: undefined, options: { id: 'parent' } });
  await first.enqueuer.enqueue({
    task,
    input: undefined,
    options: { id: 'held', dependsOn: 'parent', onParentFailure: 'hold' },
  });
  await first.tasks.cancel('parent');
  await worker(first, [task], { pid: 1, retention: { ended: 1, failed: 1, events: 1 } }).start();
  await ambient.advance(120 * MINUTE);
  expect((await store.get(['parent', 'held'])).map((row) => row?.state)).toEqual(['cancelled', 'blocked']);
});
