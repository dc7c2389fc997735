import { expect, test } from 'vitest';
import { bound } from './faulty-store.ts';
import { fleet, worker } from './fleet.ts';
import { enqueue, held } from './held-task.ts';

const MINUTE = 60_000;

test('an insert that reaches the store after its admission deadline is refused, and runs nowhere', async () => {
  const { ambient, engine, store } = await fleet();
  const { task, runs } = held();
  const delivery = Promise.withResolvers<void>();
  const slow = engine((inner) => ({
    ...bound(inner),
    insert: async (rows) => {
      await delivery.promise;
      return inner.insert(rows, ambient.clock.now());
    },
  }));
  const refused = enqueue(slow, task, 't').catch((error: unknown) => error);
  await worker(engine(), [task], { pid: 1 }).start();
  await ambient.advance(15 * MINUTE + 1);
  delivery.resolve();
  expect(await refused).toMatchObject({ code: 'TOO_LATE', details: { id: 't' } });
  await ambient.advance(5_000);
  expect(runs).toHaveLength(0);
  expect(await store.get(['t'])).toEqual([undefined]);
});

test('an enqueue is acknowledged no sooner than its insert, and fails with it', async () => {
  const { engine } = await fleet();
  const { task } = held();
  const commits: PromiseWithResolvers<void>[] = [];
  const slow = engine((inner) => ({
    ...bound(inner),
    insert: async (rows, now) => {
      const commit = Promise.withResolvers<void>();
      commits.push(commit);
      await commit.promise;
      return inner.insert(rows, now);
    },
  }));
  const told: string[] = [];
  const tell = (id: string): Promise<void> =>
    enqueue(slow, task, id).then(
      () => void told.push(`${id} stored`),
      () => void told.push(`${id} failed`),
    );
  const first = [tell('a'), tell('b')];
  await expect.poll(() => commits.length).toBe(1);
  expect(told).toEqual([]);
  commits[0]?.resolve();
  await Promise.all(first);
  const second = [tell('c'), tell('d')];
  await expect.poll(() => commits.length).toBe(2);
  commits[1]?.reject(new Error('the disk is full'));
  await Promise.all(second);
  expect(told).toEqual(['a stored', 'b stored', 'c failed', 'd failed']);
});
