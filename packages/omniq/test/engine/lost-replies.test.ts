import { layered, type TaskStore } from '@omniq/core/storage';
import { expect, test } from 'vitest';
import { bound, deaf } from './faulty-store.ts';
import { fleet, worker } from './fleet.ts';
import { enqueue, held } from './held-task.ts';

/** Loses the first reply of a verb. */
function losesFirst(lost: string): (store: TaskStore) => TaskStore {
  let left = 1;
  return (store) =>
    deaf(store, (verb, reply) => verb === lost && !(Array.isArray(reply) && reply.length === 0) && left-- > 0);
}

test('a claim whose reply was lost is made again and brings the same lease', async () => {
  const { ambient, engine, store } = await fleet();
  const { task, runs, contexts } = held();
  const first = engine(losesFirst('claim'));
  await enqueue(first, task, 't');
  await worker(first, [task], { pid: 1 }).start();
  await ambient.advance(10);
  const [claimed] = await store.get(['t']);
  expect(claimed).toMatchObject({ state: 'running' });
  expect(runs).toHaveLength(0);
  // Sooner than any beat could tell that a lease is held by nobody.
  await ambient.advance(1_000);
  expect(contexts.map(({ fence }) => fence)).toEqual([claimed?.lease]);
});

test('what a claim leased in vain goes back by itself, and what runs beside it runs on', async () => {
  const { ambient, engine, store } = await fleet();
  const { task, runs, contexts } = held();
  let lost: number | undefined;
  const first = engine((inner) => ({
    ...bound(inner),
    claim: async (request) => {
      const claimed = await inner.claim(request);
      if (lost === undefined && claimed.some(({ id }) => id === 'lost')) lost = request.request;
      return request.request === lost ? [] : claimed;
    },
  }));
  await enqueue(first, task, 'runs');
  await worker(first, [task], { pid: 1 }).start();
  await ambient.advance(100);
  await enqueue(first, task, 'lost');
  await ambient.advance(10_000);
  expect(contexts.map(({ id }) => id)).toEqual(['runs', 'lost']);
  runs[0]?.resolve('done');
  await ambient.advance(1_000);
  expect((await store.get(['runs', 'lost'])).map((row) => row?.state)).toEqual(['completed', 'running']);
});

test('a settle whose reply was lost is no lost lease, and what was claimed with it runs', async () => {
  const { ambient, engine, store } = await fleet();
  const { task, runs } = held();
  const lossy = losesFirst('swap');
  const first = engine((inner) => layered(lossy(inner), { backend: 'tested', ambient }));
  await enqueue(first, task, 'a');
  await enqueue(first, task, 'b');
  const one = worker(first, [task], { pid: 1, concurrency: 1 });
  await one.start();
  await ambient.advance(10);
  runs[0]?.resolve('done');
  await ambient.advance(1_000);
  expect(runs).toHaveLength(2);
  expect((await store.get(['a', 'b'])).map((row) => row?.state)).toEqual(['completed', 'running']);
  expect(one.counts).toMatchObject({ completed: 1, stale: 0 });
});

test('an enqueue whose reply was lost is made again under its id, and the task runs once', async () => {
  const { ambient, engine } = await fleet();
  const { task, runs } = held();
  const lossy = losesFirst('insert');
  const first = engine((inner) => layered(lossy(inner), { backend: 'tested', ambient }));
  const enqueued = first.enqueuer.enqueue({ task, input: undefined, options: {} });
  await ambient.advance(1_000);
  const { id } = await enqueued;
  await worker(first, [task], { pid: 1 }).start();
  await ambient.advance(1_000);
  expect(runs).toHaveLength(1);
  expect(await first.tasks.get(id)).toMatchObject({ state: 'running' });
});
