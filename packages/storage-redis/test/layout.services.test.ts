import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import { isOmniQError } from '@omniq/core/storage';
import { redis } from '@omniq/storage-redis';
import { startRedis } from '@omniq/testkit/servers';
import { openTasks, tasksOf } from './stores.ts';

const server = await startRedis();
const admin = new Redis(server.url);

afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

test('a namespace says how it is laid out, and one that a newer version laid out is left alone', async () => {
  const first = await openTasks({ url: server.url, namespace: 'laid' });
  await first.tasks.insert(tasksOf(1, first.now), first.now);
  expect(await admin.hget('{laid}:counters', 'layout')).toBe('1');
  await first.backend.close();
  await admin.hset('{laid}:counters', 'layout', 2);
  const before = await admin.dbsize();
  const later = await redis({ url: server.url, namespace: 'laid' });
  for (const call of [
    () => later.tasks?.count(first.now),
    () => later.tasks?.insert(tasksOf(1, first.now, 'more'), first.now),
    () => later.records?.get('key'),
  ]) {
    const error = await call()?.catch((thrown: unknown) => thrown);
    expect(isOmniQError(error, 'STORE_VERSION')).toBe(true);
  }
  expect(await admin.dbsize()).toBe(before);
  await admin.hset('{laid}:counters', 'layout', 1);
  expect(await later.tasks?.count(first.now)).toHaveLength(1);
  await later.close();
});

test('a server whose memory is full is still asked for what it has', async () => {
  await admin.config('SET', 'maxmemory', '1');
  const { backend, tasks, now } = await openTasks({ url: server.url, namespace: 'full' });
  expect(await tasks.count(now)).toEqual([]);
  await admin.config('SET', 'maxmemory', '0');
  await backend.close();
});
