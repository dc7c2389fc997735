import { afterAll, expect, test } from 'vitest';
import type { NewTask } from '@omniq/core/storage';
import { startRedis } from '@omniq/testkit/servers';
import { openTasks, tasksOf } from './stores.ts';

const server = await startRedis();

afterAll(() => server.stop());

test.each<[string, number, Partial<NewTask>]>([
  ['alone', 1, {}],
  ['in a batch', 20, {}],
  ['bound to others by a unique key', 2, { unique: { key: 'k', until: null } }],
  ['bound to others by an ordering key', 2, { orderKey: 'o' }],
])('after its deadline, by the time given or by the server, no row goes in: %s', async (name, count, given) => {
  const { tasks, backend, now } = await openTasks({ url: server.url, namespace: name });
  const past = tasksOf(count, now, 'past', { ...given, admitBy: now - 1 });
  const heldUp = tasksOf(count, now, 'held-up', { ...given, admitBy: now - 1_000 });
  const late = new Set(['late']);
  const statuses = async (rows: readonly NewTask[], at: number): Promise<Set<string>> =>
    new Set((await tasks.insert(rows, at)).map(({ status }) => status));
  expect(await statuses(past, now)).toEqual(late);
  expect(await statuses(heldUp, now - 2_000)).toEqual(late);
  expect(await tasks.count(now)).toEqual([]);
  await backend.close();
});
