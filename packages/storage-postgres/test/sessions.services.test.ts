import pg from 'pg';
import { expect, test } from 'vitest';
import { isOmniQError } from '@omniq/core/storage';
import { claimRequest, openSession, serverForTests, tasksOf } from './server.ts';

const { server, admin, open } = await serverForTests();

test('a claim that began before the end of its session, and would come after it, is refused', async () => {
  const { tasks, schema, now } = await open({ notify: false });
  const session = await openSession(tasks, 'w', now);
  await tasks.insert(tasksOf(3, now), now);
  const client = new pg.Client(server.url);
  await client.connect();
  await client.query(`begin; select from ${schema}.lane for update`);
  const waiters = async (count: number): Promise<void> => {
    while ((await admin.query('select from pg_locks where not granted')).rows.length < count) continue;
  };
  const end = tasks.end(session);
  await waiters(1);
  // It sees the session as it was.
  const claim = tasks.claim(claimRequest(session, 1, now)).catch((error: unknown) => error);
  await waiters(2);
  await client.query('rollback');
  expect(await end).toBe(true);
  expect(isOmniQError(await claim, 'SESSION_ENDED')).toBe(true);
  expect(await tasks.sessions()).toEqual([]);
  await client.end();
});
