import type { TaskStore } from '@omniq/core/storage';
import { describe, expect, test } from 'vitest';
import { bound, cut } from './faulty-store.ts';
import { fleet, leaseMs, worker } from './fleet.ts';
import { enqueue, held } from './held-task.ts';

describe('a worker that is gone', () => {
  test('is given up after one silent lease, and its task runs elsewhere', async () => {
    const { ambient, engine, store } = await fleet();
    const { task, runs } = held();
    let silent = false;
    const first = engine((inner) => cut(inner, () => silent));
    await enqueue(first, task, 't');
    await worker(first, [task], { pid: 1, host: 'a' }).start();
    const second = worker(engine(), [task], { pid: 2, host: 'b' });
    await second.start();
    await ambient.advance(100);
    expect(runs).toHaveLength(1);
    silent = true;
    await ambient.advance(leaseMs - 4_000);
    expect((await store.get(['t']))[0]).toMatchObject({ state: 'running', crashes: 0 });
    await ambient.advance(12_000);
    expect(runs).toHaveLength(2);
    runs[1]?.resolve('done');
    await ambient.advance(1_000);
    expect((await store.get(['t']))[0]).toMatchObject({ state: 'completed', crashes: 1, attempt: 1 });
    expect((await store.history('t')).length).toBe(1);
  });

  test('wakes up and can write nothing: its signal aborts, its progress and its result are refused', async () => {
    const { ambient, engine, store } = await fleet();
    const { task, runs, contexts } = held();
    let silent = false;
    const first = engine((inner) => cut(inner, () => silent));
    await enqueue(first, task, 't');
    const zombie = worker(first, [task], { pid: 1, host: 'a' });
    await zombie.start();
    await worker(engine(), [task], { pid: 2, host: 'b' }).start();
    await ambient.advance(100);
    silent = true;
    await ambient.advance(leaseMs + 10_000);
    expect(runs).toHaveLength(2);
    silent = false;
    await expect(contexts[0]?.progress(0.9)).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect((await store.get(['t']))[0]?.progress).toBeNull();
    runs[0]?.resolve('stale');
    await ambient.advance(10_000);
    expect((await store.get(['t']))[0]).toMatchObject({ state: 'running', crashes: 1 });
    expect(zombie.counts.stale).toBe(2);
    runs[1]?.resolve('fresh');
    await ambient.advance(1_000);
    expect((await store.get(['t']))[0]).toMatchObject({ state: 'completed' });
  });

  test('wakes up and learns from its first beat that its session was ended', async () => {
    const { ambient, engine } = await fleet();
    const { task, contexts } = held();
    let silent = false;
    const first = engine((inner) => cut(inner, () => silent));
    await enqueue(first, task, 't');
    // With its only slot taken it claims nothing, so only the beat can tell it.
    await worker(first, [task], { pid: 1, host: 'a', concurrency: 1 }).start();
    await worker(engine(), [task], { pid: 2, host: 'b' }).start();
    await ambient.advance(100);
    silent = true;
    await ambient.advance(leaseMs + 10_000);
    expect(contexts[0]?.signal.aborted).toBe(false);
    silent = false;
    await ambient.advance(2_000);
    expect(contexts[0]?.signal.reason).toMatchObject({ code: 'LEASE_LOST' });
    await enqueue(first, task, 'next');
    await enqueue(first, task, 'one more');
    await ambient.advance(5_000);
    expect(contexts.map(({ id }) => id)).toEqual(['t', 't', 'next', 'one more']);
  });

  test('on the same host is seen at once', async () => {
    const { ambient, engine, store } = await fleet();
    const { task, runs } = held();
    let dead = false;
    const first = engine((inner) => cut(inner, () => dead));
    await enqueue(first, task, 't');
    await worker(first, [task], { pid: 1 }).start();
    await ambient.advance(100);
    dead = true;
    await worker(engine(), [task], { pid: 2, dead: [1] }).start();
    await ambient.advance(100);
    expect(runs).toHaveLength(2);
    expect((await store.get(['t']))[0]).toMatchObject({ state: 'running', crashes: 1 });
  });
});

describe('a healthy worker is not given up', () => {
  test('after an outage of the store that is longer than the lease, though others come back before it does', async () => {
    const { ambient, engine, store } = await fleet();
    const { task, runs } = held();
    let down = false;
    let firstDown = false;
    const first = engine((inner) => cut(inner, () => down || firstDown));
    const second = engine((inner) => cut(inner, () => down));
    await enqueue(first, task, 't');
    await worker(first, [task], { pid: 1, host: 'a' }).start();
    await worker(second, [task], { pid: 2, host: 'b' }).start();
    await ambient.advance(10_000);
    firstDown = true;
    await ambient.advance(6_000);
    down = true;
    await ambient.advance(leaseMs + 20_000);
    down = false;
    await ambient.advance(leaseMs / 2);
    firstDown = false;
    await ambient.advance(leaseMs + 20_000);
    expect(runs).toHaveLength(1);
    expect((await store.get(['t']))[0]).toMatchObject({ state: 'running', crashes: 0 });
  });

  test('by a rescuer whose wall clock jumps an hour ahead', async () => {
    const { ambient, engine, store } = await fleet();
    const { task, runs } = held();
    const first = engine();
    await enqueue(first, task, 't');
    await worker(first, [task], { pid: 1, host: 'a' }).start();
    await worker(engine(), [task], { pid: 2, host: 'b' }).start();
    await ambient.advance(5_000);
    ambient.stepWallClock(3_600_000);
    await ambient.advance(leaseMs);
    expect(runs).toHaveLength(1);
    expect((await store.get(['t']))[0]).toMatchObject({ crashes: 0 });
  });

  test('by its own process, however long its loop was blocked', async () => {
    const { ambient, engine } = await fleet();
    const { task, runs } = held();
    let silent = false;
    const first = engine((inner) => cut(inner, () => silent));
    await enqueue(first, task, 't');
    await worker(first, [task], { pid: 1 }).start();
    await worker(engine(), [task], { pid: 1 }).start();
    await ambient.advance(100);
    silent = true;
    await ambient.advance(3 * leaseMs);
    expect(runs).toHaveLength(1);
  });
});

test('a lease whose claim reply was lost is found by the count of the beat and handed back', async () => {
  const { ambient, engine, store } = await fleet();
  const { task, runs } = held();
  const first = engine((inner) => ({ ...bound(inner), claim: lossy(inner) }));
  await enqueue(first, task, 't');
  await worker(first, [task], { pid: 1 }).start();
  await ambient.advance(60_000);
  expect(runs).toHaveLength(1);
  expect((await store.get(['t']))[0]).toMatchObject({ state: 'running', attempt: 0, crashes: 0 });
});

test('a run that outlives its deadline is ended by others, and counts as an attempt', async () => {
  const { ambient, engine, store } = await fleet();
  const { task, runs } = held();
  const first = engine((inner) => ({ ...bound(inner), update: never, swap: undefined }) as never);
  await engine().enqueuer.enqueue({
    task,
    input: undefined,
    options: { id: 't', timeout: '5s', retry: { maxAttempts: 2, delay: '1s' } },
  });
  await worker(first, [task], { pid: 1, host: 'a' }).start();
  await ambient.advance(1_000);
  await worker(engine(), [task], { pid: 2, host: 'b' }).start();
  await ambient.advance(50_000);
  expect(runs.length).toBeGreaterThanOrEqual(2);
  expect((await store.get(['t']))[0]).toMatchObject({ attempt: expect.toSatisfy((n: number) => n >= 1), crashes: 0 });
});

test('edges that a crash left behind are swept from the children', async () => {
  const { ambient, engine, store } = await fleet();
  const { task, runs } = held();
  const first = engine();
  await enqueue(first, task, 'parent');
  await enqueue(first, task, 'child', { dependsOn: 'parent' });
  await enqueue(first, task, 'held child', { dependsOn: 'parent', onParentFailure: 'hold' });
  // The parent ends and whoever ended it dies before it releases anybody.
  await store.update([{ id: 'parent', guard: { states: ['waiting'] }, set: { state: 'completed', finishedAt: 1 } }], 1);
  await worker(engine(), [task], { pid: 2 }).start();
  await ambient.advance(1_000);
  expect(runs).toHaveLength(0);
  await ambient.advance(30_000);
  expect(runs).toHaveLength(2);
});

test('what a dead worker of this host ended but did not pass on is released when the next one starts', async () => {
  const { ambient, engine, store } = await fleet();
  const { task, runs } = held();
  let dead = false;
  const first = engine((inner) => cut(inner, () => dead));
  await enqueue(first, task, 'parent');
  await enqueue(first, task, 'child', { dependsOn: 'parent' });
  await worker(first, [task], { pid: 1 }).start();
  await ambient.advance(100);
  await store.update([{ id: 'parent', guard: { states: ['running'] }, set: { state: 'completed', finishedAt: 1 } }], 1);
  dead = true;
  await worker(engine(), [task], { pid: 2, dead: [1] }).start();
  await ambient.advance(100);
  expect(runs).toHaveLength(2);
});

test('a task that took two workers down runs alone, and the third death is its own', async () => {
  const { ambient, engine, store } = await fleet();
  const { task, runs } = held();
  const first = engine();
  for (const id of ['bad', 'innocent 1', 'innocent 2']) await enqueue(first, task, id);
  await store.update([{ id: 'bad', guard: { states: ['waiting'] }, set: { crashes: 2 } }], 1);
  await worker(first, [task], { pid: 1 }).start();
  await ambient.advance(100);
  expect(runs).toHaveLength(1);
  runs[0]?.resolve('fine after all');
  await ambient.advance(5_000);
  expect(runs).toHaveLength(3);
});

/** A claim whose first reply with tasks in it never arrives, nor those of its repetitions. */
function lossy(store: TaskStore): TaskStore['claim'] {
  let lost: number | undefined;
  return async (request) => {
    const claimed = await store.claim(request);
    if (claimed.length === 0 || (lost !== undefined && request.request !== lost)) return claimed;
    lost = request.request;
    return [];
  };
}

function never(): Promise<never> {
  return new Promise(() => {});
}
