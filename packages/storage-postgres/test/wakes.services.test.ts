import pg from 'pg';
import { expect, test } from 'vitest';
import type { Change, ClaimedTask } from '@omniq/core/storage';
import { claimRequest, openSession, serverForTests, tasksOf } from './server.ts';

const { server, admin, open } = await serverForTests();

test.each(['update', 'swap'] as const)('who waits for tasks to end is told by %s, once', async (verb) => {
  const { tasks, schema, now } = await open({ notify: false });
  await tasks.insert(tasksOf(2, now), now);
  const session = await openSession(tasks, verb, now);
  const held = await tasks.claim(claimRequest(session, 1, now, 2));
  const listener = new pg.Client({ connectionString: server.url });
  await listener.connect();
  await listener.query(`listen "omniq_${schema}"`);
  const told: string[] = [];
  const heard = new Promise<void>((resolve) => {
    listener.on('notification', ({ payload = '' }) => {
      told.push(payload);
      resolve();
    });
  });
  await admin.query(`insert into ${schema}.idle (process, ends) values ('waits', true), ('works', false)`);
  const ends = held.map((task) => ended(task, now));
  if (verb === 'update') await tasks.update(ends, now);
  else await tasks.swap?.(ends, claimRequest(session, 2, now, 2));
  await heard;
  // The answer to a question comes after whatever was sent before.
  await listener.query('select 1');
  expect(told).toEqual(['']);
  expect((await admin.query(`select process from ${schema}.idle`)).rows).toEqual([{ process: 'works' }]);
  await listener.end();
});

function ended({ id, lease }: ClaimedTask, now: number): Change {
  return { id, guard: { lease }, set: { state: 'completed', finishedAt: now } };
}
