import { expect, test } from 'vitest';
import type { NewTask } from '@omniq/core/storage';
import { serverForTests, tasksOf } from './server.ts';

const { open } = await serverForTests();

test.each<[string, Partial<NewTask>]>([
  ['plain', {}],
  ['bound to others by a unique key', { unique: { key: 'k', until: null } }],
  ['bound to others by an ordering key', { orderKey: 'o' }],
])('after its deadline, by the time given or by the server, no row goes in: %s', async (_, given) => {
  const { tasks, now } = await open({ notify: false });
  const past = tasksOf(2, now, { ...given, admitBy: now - 1 }, 'past');
  const heldUp = tasksOf(2, now, { ...given, admitBy: now - 1_000 }, 'held-up');
  const late = ['late', 'late'];
  expect((await tasks.insert(past, now)).map(({ status }) => status)).toEqual(late);
  expect((await tasks.insert(heldUp, now - 2_000)).map(({ status }) => status)).toEqual(late);
  expect(await tasks.count(now)).toEqual([]);
});
