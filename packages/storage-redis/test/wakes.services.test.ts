import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import type { TaskStore } from '@omniq/core/storage';
import { redis } from '@omniq/storage-redis';
import { startRedis } from '@omniq/testkit/servers';
import { claimRequest, openSession, openTasks, tasksOf } from './stores.ts';

const server = await startRedis();
const admin = new Redis(server.url);

afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

async function callsOf(command: string, work: () => Promise<unknown>): Promise<number> {
  await admin.config('RESETSTAT');
  await work();
  const stats = await admin.info('commandstats');
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}

test('an idle worker asks once a poll, however many queues it looks after', async () => {
  const { tasks, backend, now } = await openTasks({ url: server.url, namespace: 'idle' });
  const queues = Array.from({ length: 100 }, (_, n) => `queue ${n}`);
  await tasks.insert(tasksOf(1, now + 60_000, 'later', { queue: 'queue 7' }), now);
  await openSession(tasks, 's', now);
  await tasks.claim({ ...claimRequest('s', 1, now), queues });
  let due: number | null = null;
  const poll = async (): Promise<void> => {
    expect(await tasks.claim({ ...claimRequest('s', 2, now), queues })).toEqual([]);
    due = (await tasks.nextDue?.(queues, now)) ?? null;
  };
  expect(await callsOf('evalsha', poll)).toBe(1);
  expect(due).toBe(now + 60_000);
  await backend.close();
});

test('when to look again is not answered from a claim of some time ago', async () => {
  const { tasks, backend, now } = await openTasks({ url: server.url, namespace: 'hints' });
  const other = (await redis({ url: server.url, namespace: 'hints' })) as { tasks: TaskStore; close(): Promise<void> };
  const queues = ['default'];
  await openSession(tasks, 's', now);
  await tasks.claim({ ...claimRequest('s', 1, now), queues });
  await other.tasks.insert(tasksOf(1, now + 5_000), now);
  expect(await tasks.nextDue?.(queues, now)).toBe(now + 5_000);
  await backend.close();
  await other.close();
});

test('a listener whose connection was cut is woken when it is back, and hears what comes', async () => {
  const { tasks, backend, now } = await openTasks({ url: server.url, namespace: 'wakes' });
  let wakes = 0;
  let heard = (): void => {};
  const stop = tasks.watch?.(() => {
    wakes += 1;
    heard();
  });
  const next = (): Promise<void> => new Promise((resolve) => (heard = resolve));
  await next();
  const before = wakes;
  const back = next();
  await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await back;
  expect(wakes).toBeGreaterThan(before);
  const woken = next();
  await tasks.insert(tasksOf(1, now), now);
  await woken;
  stop?.();
  await backend.close();
});

test('nobody is listened for when the last listener has gone', async () => {
  const { tasks, backend } = await openTasks({ url: server.url, namespace: 'quiet' });
  let heard = (): void => {};
  const first = new Promise<void>((resolve) => (heard = resolve));
  const stops = [tasks.watch?.(heard), tasks.watch?.(() => {})];
  await first;
  expect(await admin.pubsub('NUMSUB', '{quiet}:wake')).toEqual(['{quiet}:wake', 1]);
  for (const stop of stops) stop?.();
  let listeners: unknown = 1;
  while (listeners !== 0) [, listeners] = (await admin.pubsub('NUMSUB', '{quiet}:wake')) as [string, number];
  await backend.close();
});
