import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { startRedis } from '@omniq/testkit/servers';
import { claimRequest, openSession, openTasks, tasksOf } from './stores.ts';

const server = await startRedis();
const admin = new Redis(server.url);

afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

test('an older request, whose answer nobody waits for, leases nothing', async () => {
  const { tasks, backend, now } = await openTasks({ url: server.url, namespace: 'older' });
  await openSession(tasks, 's', now);
  await tasks.insert(tasksOf(9, now), now);
  expect(await tasks.claim(claimRequest('s', 2, now, 3))).toHaveLength(3);
  expect(await tasks.claim(claimRequest('s', 1, now, 3))).toEqual([]);
  expect(await tasks.beat('s', now)).toEqual({ live: true, leases: 3, cancelled: [] });
  expect(await tasks.claim(claimRequest('s', 3, now))).toHaveLength(6);
  await backend.close();
});

test('a session that the server has forgotten has ended, and its tasks can be taken from it', async () => {
  const { tasks, backend, now } = await openTasks({ url: server.url, namespace: 'forgotten' });
  await openSession(tasks, 's', now);
  await tasks.insert(tasksOf(2, now), now);
  const claimed = await tasks.claim(claimRequest('s', 1, now));
  await admin.hdel('{forgotten}:sessions', 's');
  expect(await tasks.beat('s', now)).toMatchObject({ live: false, leases: 2 });
  await expect(tasks.claim(claimRequest('s', 2, now))).rejects.toMatchObject({ code: 'SESSION_ENDED' });
  expect(await tasks.sessions()).toMatchObject([{ id: 's', ended: true, leases: 2 }]);
  const back = claimed.map(({ id, lease }) => ({ id, guard: { lease }, set: { state: 'waiting' as const } }));
  expect((await tasks.update(back, now)).map(({ status }) => status)).toEqual(['applied', 'applied']);
  expect(await tasks.sessions()).toEqual([]);
  await backend.close();
});
