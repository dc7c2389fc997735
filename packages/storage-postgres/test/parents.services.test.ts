import pg from 'pg';
import { expect, test } from 'vitest';
import { newTask } from '@omniq/testkit/storage';
import { claimRequest, openSession, serverForTests } from './server.ts';

const { server, admin, open } = await serverForTests();

test('a parent that has ended is not removed while a child comes in a transaction that is still open', async () => {
  const { tasks, now } = await open({ notify: false });
  const session = await openSession(tasks, 'w', now);
  await tasks.insert([newTask({ id: 'parent', runAt: now })], now);
  const [task] = await tasks.claim(claimRequest(session, 1, now));
  const guard = { lease: task?.lease ?? 0 };
  await tasks.update([{ id: 'parent', guard, set: { state: 'completed', finishedAt: now } }], now);
  const client = new pg.Client(server.url);
  await client.connect();
  await client.query('begin');
  const child = newTask({ id: 'child', runAt: now, parents: [{ id: 'parent', policy: 'run' }] });
  expect(await tasks.within?.(client).insert([child], now)).toEqual([{ status: 'inserted', settled: true }]);
  let isDone = false;
  const removed = tasks.remove(['parent'], now + 1_000).finally(() => (isDone = true));
  const waiting = async (): Promise<boolean> =>
    (await admin.query('select from pg_locks where not granted')).rows.length > 0;
  while (!isDone && !(await waiting())) continue;
  await client.query('commit');
  expect(await removed).toBe(0);
  expect((await tasks.edges({ child: 'child', limit: 10 })).items).toEqual([
    { child: 'child', parent: 'parent', policy: 'run', parentState: 'completed' },
  ]);
  await client.end();
});
