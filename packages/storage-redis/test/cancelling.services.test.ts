import { afterAll, expect, test } from 'vitest';
import type { Change } from '@omniq/core/storage';
import { startRedis } from '@omniq/testkit/servers';
import { claimRequest, openSession, openTasks, tasksOf } from './stores.ts';

const server = await startRedis();

afterAll(() => server.stop());

// Few are kept each for itself, many as a batch.
test.each([1, 20])('a task that was asked to cancel is told until it has ended, one of %i', async (count) => {
  const { tasks, backend, now } = await openTasks({ url: server.url, namespace: `cancelling ${count}` });
  await openSession(tasks, 's', now);
  await tasks.insert(tasksOf(count, now), now);
  const [task] = await tasks.claim(claimRequest('s', 1, now, 1));
  const { id, lease } = task ?? { id: '', lease: 0 };
  await tasks.update([{ id, guard: { states: ['running'] }, set: { cancelRequested: true } }], now);
  expect(await tasks.beat('s', now)).toEqual({ live: true, leases: 1, cancelled: [id] });
  const set = { state: 'completed', attempt: 1, startedAt: now, finishedAt: now } as const;
  const end: Change = { id, guard: { lease }, set };
  const refused = await tasks.update([{ ...end, guard: { lease, uncancelled: true } }], now);
  expect(refused).toEqual([{ status: 'cancelled' }]);
  expect(await tasks.update([end], now)).toEqual([{ status: 'applied' }]);
  expect(await tasks.beat('s', now)).toEqual({ live: true, leases: 0, cancelled: [] });
  await backend.close();
});
