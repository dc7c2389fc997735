import { expect, test } from 'vitest';
import { isOmniQError, type Backend, type TaskStore } from '@omniq/core/storage';
import { postgres } from '@omniq/storage-postgres';
import { newTask } from '@omniq/testkit/storage';
import { claimRequest, openSession, serverForTests, tasksOf } from './server.ts';

const { server, admin, open } = await serverForTests();

test('leases of a task grow past a clock that was set back', async () => {
  const { tasks, schema, now } = await open();
  const session = await openSession(tasks, 'w', now);
  await tasks.insert(tasksOf(2, now), now);
  const ahead = (now + 3_600_000) * 1_000;
  await admin.query(`update ${schema}.live set lease = $1 + seq`, [ahead]);
  const { rows } = await admin.query(`select lease from ${schema}.live order by seq`);
  const claimed = await tasks.claim(claimRequest(session, 1, now));
  expect(claimed.map(({ lease }) => lease)).toEqual(rows.map(({ lease }) => Number(lease) + 1));
});

test('a swap settles no task that others have taken over since, and claims all the same', async () => {
  const { tasks, schema, now } = await open();
  const other = postgres({ url: server.url, schema, notify: false }) as Backend & { readonly tasks: TaskStore };
  const [mine, theirs] = [await openSession(tasks, 'mine', now), await openSession(other.tasks, 'theirs', now)];
  await tasks.insert([newTask({ id: 'taken', runAt: now })], now);
  const [before] = await tasks.claim(claimRequest(mine, 1, now));
  await other.tasks.update([{ id: 'taken', guard: { states: ['running'] }, set: { state: 'waiting' } }], now);
  const [after] = await other.tasks.claim(claimRequest(theirs, 1, now));
  await tasks.insert([newTask({ id: 'next', runAt: now })], now);
  const end = { id: 'taken', guard: { lease: before?.lease ?? 0 }, set: { state: 'completed' } } as const;
  const swapped = await tasks.swap?.([end], claimRequest(mine, 2, now));
  expect(swapped?.outcomes).toEqual([{ status: 'stale' }]);
  expect(swapped?.claimed.map(({ id }) => id)).toEqual(['next']);
  expect(await tasks.get(['taken'])).toMatchObject([{ state: 'running', session: theirs, lease: after?.lease }]);
  await other.close();
});

test('a repeated claim brings what it leased itself, nothing of other lanes and requests', async () => {
  const { tasks, now } = await open({ notify: false });
  const session = await openSession(tasks, 'w', now);
  await tasks.insert(tasksOf(6, now), now);
  const claim = async (lane: number, request: number): Promise<string[]> =>
    (await tasks.claim({ ...claimRequest(session, request, now, 2), lane })).map(({ id }) => id);
  expect([await claim(0, 1), await claim(1, 2), await claim(0, 2)]).toEqual([
    ['task-0', 'task-1'],
    ['task-2', 'task-3'],
    ['task-4', 'task-5'],
  ]);
  expect(await claim(1, 2)).toEqual(['task-2', 'task-3']);
  expect(await claim(0, 2)).toEqual(['task-4', 'task-5']);
  expect(await claim(0, 1)).toEqual([]);
});

test('a run that others took over sends nothing back, ends nothing and completes nothing', async () => {
  const { tasks, now } = await open({ notify: false });
  const [mine, theirs] = [await openSession(tasks, 'mine', now), await openSession(tasks, 'theirs', now)];
  await tasks.insert([newTask({ id: 'a', runAt: now })], now);
  const [before] = await tasks.claim(claimRequest(mine, 1, now));
  await tasks.update([{ id: 'a', guard: { states: ['running'] }, set: { state: 'waiting' } }], now);
  const [after] = await tasks.claim(claimRequest(theirs, 1, now));
  const guard = { lease: before?.lease ?? 0 };
  for (const state of ['waiting', 'completed'] as const) {
    expect(await tasks.update([{ id: 'a', guard, set: { state } }], now)).toEqual([{ status: 'stale' }]);
  }
  const client = await admin.connect();
  await client.query('begin');
  const change = { id: 'a', guard, set: { state: 'completed' } } as const;
  const error = await tasks
    .within?.(client)
    .complete(change, now)
    .catch((thrown: unknown) => thrown);
  await client.query('rollback');
  client.release();
  expect(isOmniQError(error, 'LEASE_LOST')).toBe(true);
  expect(await tasks.get(['a'])).toMatchObject([{ state: 'running', session: theirs, lease: after?.lease }]);
});

test('whose cancel was asked for is neither sent back nor ended as if it was not', async () => {
  const { tasks, now } = await open({ notify: false });
  const session = await openSession(tasks, 'w', now);
  await tasks.insert(tasksOf(1, now), now);
  const [task] = await tasks.claim(claimRequest(session, 1, now));
  await tasks.update([{ id: 'task-0', guard: { states: ['running'] }, set: { cancelRequested: true } }], now);
  const guard = { lease: task?.lease ?? 0, uncancelled: true };
  for (const state of ['waiting', 'failed'] as const) {
    expect(await tasks.update([{ id: 'task-0', guard, set: { state } }], now)).toEqual([{ status: 'cancelled' }]);
  }
  expect(await tasks.get(['task-0'])).toMatchObject([{ state: 'running', cancelRequested: true }]);
});

test('one claim that is made twice at the same time leases once, and both get the same', async () => {
  const { tasks, schema, now } = await open({ notify: false, poolSize: 4 });
  const session = await openSession(tasks, 'w', now);
  await tasks.insert(tasksOf(6, now), now);
  const client = await admin.connect();
  await client.query(`begin; select from ${schema}.lane for update`);
  const claims = [1, 2].map(() => tasks.claim(claimRequest(session, 1, now, 3)));
  // Both have seen that the request is a new one.
  while ((await admin.query('select from pg_locks where not granted')).rows.length < 2) continue;
  await client.query('rollback');
  client.release();
  const [one, two] = await Promise.all(claims);
  expect(one?.map(({ id, lease }) => [id, lease])).toEqual(two?.map(({ id, lease }) => [id, lease]));
  expect(await tasks.beat(session, now)).toMatchObject({ leases: 3 });
});
