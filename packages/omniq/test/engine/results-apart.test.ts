import { OmniQError } from '@omniq/core';
import type { ResultStore } from '@omniq/core/storage';
import memory from '@omniq/storage-memory';
import { expect, test } from 'vitest';
import { cut } from './faulty-store.ts';
import { fleet, leaseMs, worker } from './fleet.ts';
import { enqueue, held } from './held-task.ts';

async function resultStore(isDown: () => boolean = () => false): Promise<ResultStore> {
  const { results } = await memory.open('memory:', {});
  if (results === undefined) throw new Error('memory keeps results');
  const reach = async <T>(call: () => Promise<T>): Promise<T> => {
    if (isDown()) throw new OmniQError('STORE_UNREACHABLE', 'The result store is down.');
    return call();
  };
  return {
    put: (given) => reach(() => results.put(given)),
    get: (keys, now) => reach(() => results.get(keys, now)),
    remove: (keys) => reach(() => results.remove(keys)),
    sweep: (now, limit) => reach(() => results.sweep(now, limit)),
    close: () => results.close(),
  };
}

test('a result store that is down holds up the settle and further claims, and repeats no run', async () => {
  const { ambient, engine, store } = await fleet();
  const { task, runs } = held();
  let down = false;
  const first = engine(undefined, await resultStore(() => down));
  for (const id of ['a', 'b', 'c']) await enqueue(first, task, id);
  await worker(first, [task], { pid: 1, concurrency: 1 }).start();
  await ambient.advance(100);
  down = true;
  runs[0]?.resolve('kept');
  await ambient.advance(2 * leaseMs);
  expect(runs).toHaveLength(1);
  expect((await store.get(['a', 'b'])).map((row) => row?.state)).toEqual(['running', 'waiting']);
  down = false;
  await ambient.advance(10_000);
  expect(runs).toHaveLength(2);
  expect(await first.tasks.get('a')).toMatchObject({ state: 'completed', attempt: 1, crashes: 0 });
  expect(await first.results.wait('a', null)).toBe('kept');
});

test('the result of a run that lost its lease does not take the place of the one that counts', async () => {
  const { ambient, engine, store } = await fleet();
  const { task, runs } = held();
  const results = await resultStore();
  let silent = false;
  const first = engine((inner) => cut(inner, () => silent), results);
  await enqueue(first, task, 't');
  await worker(first, [task], { pid: 1, host: 'a' }).start();
  const second = engine(undefined, results);
  await worker(second, [task], { pid: 2, host: 'b' }).start();
  await ambient.advance(100);
  silent = true;
  await ambient.advance(leaseMs + 10_000);
  expect(runs).toHaveLength(2);
  runs[1]?.resolve('fresh');
  await ambient.advance(1_000);
  // Its signal was not heeded, and its network to the result store was never cut.
  runs[0]?.resolve('stale');
  await ambient.advance(1_000);
  silent = false;
  await ambient.advance(10_000);
  expect((await store.get(['t']))[0]).toMatchObject({ state: 'completed', crashes: 1 });
  expect(await second.results.wait('t', null)).toBe('fresh');
});
