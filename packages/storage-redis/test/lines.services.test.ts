import { afterAll, expect, test } from 'vitest';
import { startRedis } from '@omniq/testkit/servers';
import { newTask } from '@omniq/testkit/storage';
import { claimRequest, openSession, openTasks } from './stores.ts';

const server = await startRedis();

afterAll(() => server.stop());

test('an earlier task of a key that is released while a later one runs waits for its end', async () => {
  const { tasks, backend, now } = await openTasks({ url: server.url });
  await openSession(tasks, 's', now);
  await tasks.insert([newTask({ id: 'parent', runAt: now, queue: 'parents' })], now);
  const parents = [{ id: 'parent', policy: 'run' }] as const;
  await tasks.insert([newTask({ id: 'early', runAt: now, orderKey: 'k', parents })], now);
  await tasks.insert([newTask({ id: 'late', runAt: now, orderKey: 'k' })], now);
  const [late] = await tasks.claim(claimRequest('s', 1, now));
  expect(late?.id).toBe('late');
  await tasks.update([{ id: 'early', guard: { edge: 'parent' }, set: {} }], now);
  expect(await tasks.claim(claimRequest('s', 2, now))).toEqual([]);
  // In retry it is no head any more: the earlier one goes first.
  await tasks.update([{ id: 'late', guard: { lease: late?.lease ?? 0 }, set: { state: 'waiting' } }], now);
  const [early] = await tasks.claim(claimRequest('s', 3, now));
  expect(early?.id).toBe('early');
  const end = { id: 'early', guard: { lease: early?.lease ?? 0 }, set: { state: 'completed' } } as const;
  const swapped = await tasks.swap?.([end], claimRequest('s', 4, now));
  expect(swapped?.claimed.map(({ id }) => id)).toEqual(['late']);
  await backend.close();
});
