import { expect, test } from 'vitest';
import type { TaskStore } from '@omniq/core/storage';
import { bound, cut } from './faulty-store.ts';
import { fleet, leaseMs, worker, type Fleet } from './fleet.ts';
import { enqueue, held } from './held-task.ts';

/** A worker that runs a task but can be cut off from beating, and another that watches it over its own way to the store. */
async function watched({ engine, ambient }: Fleet, watcherSees: (store: TaskStore) => TaskStore) {
  const { task, runs } = held();
  const state = { silent: false };
  const first = engine((inner) => cut(inner, () => state.silent));
  await enqueue(first, task, 't');
  await worker(first, [task], { pid: 1, host: 'a' }).start();
  await worker(engine(watcherSees), [task], { pid: 2, host: 'b' }).start();
  await ambient.advance(10_000);
  return { state, runs };
}

test('looks that failed in between count as nothing seen', async () => {
  const all = await fleet();
  let blind = false;
  const { state, runs } = await watched(all, (inner) => cut(inner, (verb) => blind && verb === 'sessions'));
  state.silent = true;
  await all.ambient.advance(12_000);
  blind = true;
  await all.ambient.advance(8_000);
  blind = false;
  await all.ambient.advance(14_000);
  state.silent = false;
  await all.ambient.advance(leaseMs);
  expect(runs).toHaveLength(1);
  expect((await all.store.get(['t']))[0]).toMatchObject({ state: 'running', crashes: 0 });
});

test('time in which the watcher itself stood still counts as nothing seen', async () => {
  const all = await fleet();
  let gate = Promise.withResolvers<void>();
  gate.resolve();
  const { state, runs } = await watched(all, (inner) => ({
    ...bound(inner),
    sessions: async () => {
      await gate.promise;
      return inner.sessions();
    },
  }));
  state.silent = true;
  await all.ambient.advance(12_000);
  gate = Promise.withResolvers<void>();
  await all.ambient.advance(20_000);
  gate.resolve();
  await all.ambient.advance(4_000);
  state.silent = false;
  await all.ambient.advance(leaseMs);
  expect(runs).toHaveLength(1);
  expect((await all.store.get(['t']))[0]).toMatchObject({ state: 'running', crashes: 0 });
});

test('while the store answers reads but takes no writes, silence says nothing', async () => {
  const all = await fleet();
  let readOnly = false;
  const reads = new Set(['get', 'list', 'count', 'sessions', 'queues', 'edges', 'history', 'time']);
  const { state, runs } = await watched(all, (inner) => cut(inner, (verb) => readOnly && !reads.has(verb)));
  readOnly = true;
  state.silent = true;
  await all.ambient.advance(28_000);
  // The watcher's writes come through again first.
  readOnly = false;
  await all.ambient.advance(10_000);
  state.silent = false;
  await all.ambient.advance(leaseMs);
  expect(runs).toHaveLength(1);
  expect((await all.store.get(['t']))[0]).toMatchObject({ state: 'running', crashes: 0 });
});

test('a beat that comes between the last look and the end saves the session', async () => {
  const all = await fleet();
  const ends: boolean[] = [];
  const { state, runs } = await watched(all, (inner) => ({
    ...bound(inner),
    end: async (session, beats) => {
      state.silent = false;
      await inner.beat(session, all.ambient.clock.now());
      const ended = await inner.end(session, beats);
      ends.push(ended);
      return ended;
    },
  }));
  state.silent = true;
  await all.ambient.advance(leaseMs + 5_000);
  expect(ends).toEqual([false]);
  await all.ambient.advance(leaseMs);
  expect(runs).toHaveLength(1);
  expect((await all.store.get(['t']))[0]).toMatchObject({ state: 'running', crashes: 0 });
});
