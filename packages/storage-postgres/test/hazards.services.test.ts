import pg from 'pg';
import { expect, test } from 'vitest';
import { newTask } from '@omniq/testkit/storage';
import { claimRequest, openSession, serverForTests, tasksOf } from './server.ts';

const { server, admin, open } = await serverForTests();

test('hazard 2: an insert that began before its task was removed does not bring it back', async () => {
  const { tasks, now, schema } = await open();
  const session = await openSession(tasks, 'w', now);
  await tasks.insert([newTask({ id: 'once', runAt: now })], now);
  const [task] = await tasks.claim(claimRequest(session, 1, now));
  const guard = { lease: task?.lease ?? 0 };
  await tasks.update([{ id: 'once', guard, set: { state: 'completed', finishedAt: now } }], now);
  // Holds up the insert after its snapshot, in front of the id that is removed meanwhile.
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query('begin');
  await client.query(`select ${schema}.enqueue('t', id => 'first')`);
  const insert = tasks.insert([newTask({ id: 'first', runAt: now }), newTask({ id: 'once', runAt: now })], now);
  while ((await admin.query('select from pg_locks where not granted')).rows.length === 0) continue;
  expect(await tasks.remove(['once'], now + 3_600_000)).toBe(1);
  await client.query('rollback');
  expect((await insert).map(({ status }) => status)).toEqual(['inserted', 'exists']);
  expect(await tasks.get(['once'])).toEqual([undefined]);
  await client.end();
});

test('hazard 4: when a session has ended, no claim of it that was under way leases anything any more', async () => {
  const { tasks, now, schema } = await open();
  const session = await openSession(tasks, 'w', now);
  await tasks.insert(tasksOf(3, now), now);
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`begin; select from ${schema}.lane for update`);
  const waiting = async (): Promise<number> =>
    (await admin.query('select from pg_locks where not granted')).rows.length;
  const claim = tasks.claim(claimRequest(session, 1, now)).catch(() => []);
  while ((await waiting()) === 0) continue;
  let isEnded = false;
  const leased = tasks.end(session).then(async () => {
    isEnded = true;
    return (await tasks.list({ states: ['running'], limit: 10 })).items.length;
  });
  while (!isEnded && (await waiting()) < 2) continue;
  const counted = isEnded ? await leased : null;
  await client.query('rollback');
  expect(counted ?? (await leased)).toBe((await claim).length);
  await client.end();
});

test('hazard 9: a completion in an open transaction holds up neither beats nor the claims of others', async () => {
  const { tasks, now } = await open();
  const session = await openSession(tasks, 'w', now);
  await tasks.insert(tasksOf(3, now), now);
  const [task] = await tasks.claim(claimRequest(session, 1, now, 1));
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query('begin');
  const change = { id: task?.id ?? '', guard: { lease: task?.lease ?? 0 }, set: { state: 'completed' } } as const;
  await tasks.within?.(client).complete(change, now);
  expect(await tasks.beat(session, now)).toMatchObject({ live: true, leases: 1 });
  expect(await tasks.claim(claimRequest(session, 2, now))).toHaveLength(2);
  await client.query('commit');
  expect(await tasks.beat(session, now)).toMatchObject({ live: true, leases: 2 });
  await client.end();
});

test('hazard 20: of a key whose earlier task becomes visible later, one runs at a time', async () => {
  const { tasks, now } = await open();
  const session = await openSession(tasks, 'w', now);
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query('begin');
  const row = (id: string) => newTask({ id, runAt: now, orderKey: 'k' });
  await tasks.within?.(client).insert([row('early')], now);
  await tasks.insert([row('late')], now);
  const [late] = await tasks.claim(claimRequest(session, 1, now));
  expect(late?.id).toBe('late');
  await client.query('commit');
  expect(await tasks.claim(claimRequest(session, 2, now))).toEqual([]);
  const done = { id: 'late', guard: { lease: late?.lease ?? 0 }, set: { state: 'completed' } } as const;
  const swapped = await tasks.swap?.([done], claimRequest(session, 3, now));
  expect(swapped?.claimed.map(({ id }) => id)).toEqual(['early']);
  await client.end();
});

test('hazard 20: a claim that began before an earlier task of the key was released takes no second one', async () => {
  const { tasks, now, schema } = await open();
  const [mine, theirs] = [await openSession(tasks, 'mine', now), await openSession(tasks, 'theirs', now)];
  await tasks.insert([newTask({ id: 'parent', runAt: now, queue: 'parents' })], now);
  const parents = [{ id: 'parent', policy: 'run' }] as const;
  await tasks.insert([newTask({ id: 'early', runAt: now, orderKey: 'k', parents })], now);
  await tasks.insert([newTask({ id: 'late', runAt: now, orderKey: 'k' })], now);
  // Holds up the claim after its snapshot.
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`begin; select from ${schema}.lane where session = 1 for update`);
  const claim = tasks.claim(claimRequest(mine, 1, now));
  while ((await admin.query('select from pg_locks where not granted')).rows.length === 0) continue;
  await tasks.update([{ id: 'early', guard: { edge: 'parent' }, set: {} }], now);
  expect((await tasks.claim(claimRequest(theirs, 1, now, 1))).map(({ id }) => id)).toEqual(['early']);
  await client.query('rollback');
  expect(await claim).toEqual([]);
  await client.end();
});

test('hazard 20: eight claimers never run two tasks of one key, while children of the key are released', async () => {
  const { tasks, now } = await open({ poolSize: 8 });
  const parents = tasksOf(30, now, { queue: 'parents' }, 'parent');
  await tasks.insert(parents, now);
  const children = parents.map(({ id }, n) =>
    newTask({ id: `child-${n}`, runAt: now, orderKey: 'k', parents: [{ id, policy: 'run' }] }),
  );
  await tasks.insert(children, now);
  await tasks.insert(tasksOf(30, now, { orderKey: 'k' }, 'plain'), now);
  const sessions = await Promise.all(Array.from({ length: 8 }, (_, n) => openSession(tasks, `s${n}`, now)));
  let running = 0;
  const ran: string[] = [];
  const release = parents.toReversed().map(
    ({ id }, n) =>
      () =>
        tasks.update([{ id: `child-${29 - n}`, guard: { edge: id }, set: {} }], now),
  );
  const work = sessions.map(async (session) => {
    for (let request = 1; ran.length < 60 && request < 2_000; request += 1) {
      const [claimed] = await Promise.all([
        tasks.claim(claimRequest(session, request, now, 3)).catch(() => []),
        release.pop()?.(),
      ]);
      if (claimed.length === 0) continue;
      running += claimed.length;
      expect(running).toBe(1);
      const [task] = claimed;
      ran.push(task?.id ?? '');
      running -= 1;
      await tasks.update(
        [{ id: task?.id ?? '', guard: { lease: task?.lease ?? 0 }, set: { state: 'completed' } }],
        now,
      );
    }
  });
  await Promise.all(work);
  expect(new Set(ran).size).toBe(60);
});

test('hazard 23: a sweep between the end of a run and a later one touches only what has expired', async () => {
  const { backend, tasks, now } = await open();
  const session = await openSession(tasks, 'w', now);
  await tasks.insert([newTask({ id: 'a', runAt: now })], now);
  const keys: { id: string; lease: number }[] = [];
  for (const [request, expiresAt] of [
    [1, now + 10],
    [2, null],
  ] as const) {
    const [task] = await tasks.claim(claimRequest(session, request, now));
    const guard = { lease: task?.lease ?? 0 };
    keys.push({ id: 'a', lease: guard.lease });
    const result = new Uint8Array([request]);
    await tasks.update([{ id: 'a', guard, set: { state: 'completed' }, result, resultExpiresAt: expiresAt }], now);
    if (request === 1)
      await tasks.update([{ id: 'a', guard: { states: ['completed'] }, set: { state: 'waiting' } }], now);
  }
  const values = async (at: number): Promise<(number | undefined)[]> =>
    ((await backend.results?.get(keys, at)) ?? []).map((value) => value?.[0]);
  expect(await values(now)).toEqual([1, 2]);
  expect(await values(now + 10)).toEqual([undefined, 2]);
  expect(await backend.results?.sweep(now + 10, 10)).toBe(1);
  expect(await values(now)).toEqual([undefined, 2]);
});
