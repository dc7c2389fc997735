import assert from 'node:assert/strict';
import type { TaskCount } from '@omniq/core/storage';
import type { ConformanceCase } from './case.ts';
import { HOUR, MINUTE, type Stage } from './stage.ts';
import { taskCase } from './task-case.ts';

export const listCases: readonly ConformanceCase[] = [
  taskCase('get', 'rows come in the order of the ids, with gaps where there is none', async (stage) => {
    const [a, b] = await stage.insert({}, {});
    const rows = await stage.tasks.get([b as string, 'nobody', a as string, b as string]);
    assert.deepEqual(
      rows.map((row) => row?.id),
      [b, undefined, a, b],
    );
    assert.deepEqual(await stage.tasks.get([]), []);
  }),

  taskCase('get', 'a row is a snapshot: what happens later does not change it', async (stage) => {
    const id = await stage.insertOne();
    const [row, listed] = [await stage.row(id), (await stage.tasks.list({ limit: 1 })).items[0]];
    const [claimed] = await stage.claim(await stage.session());
    await stage.apply({ id, guard: { states: ['running'] }, set: { state: 'completed', attempt: 7 } });
    assert.deepEqual([row.state, listed?.state, claimed?.attempt], ['waiting', 'waiting', 0]);
  }),

  taskCase('list', 'tasks are listed in insert order, or newest first', async (stage) => {
    const ids = [...(await stage.insert({ id: 'c' }, { id: 'a', priority: 9 })), ...(await stage.insert({ id: 'b' }))];
    assert.deepEqual(await stage.listIds({}), ids);
    assert.deepEqual(await stage.listIds({ order: 'oldest' }), ids);
    assert.deepEqual(await stage.listIds({ order: 'newest' }), [...ids].reverse());
  }),

  taskCase('list', 'each filter alone', async (stage) => {
    const ids = await variety(stage);
    const start = stage.now;
    const expected: [Parameters<Stage['listIds']>[0], (keyof typeof ids)[]][] = [
      [{ states: ['running'] }, ['running']],
      [{ states: ['completed', 'blocked'] }, ['blocked', 'done']],
      [{ queues: ['mail'] }, ['mail', 'future']],
      [{ queues: ['mail', 'parents'] }, ['parent', 'mail', 'future']],
      [{ names: ['resize', 'send'] }, ['mail', 'future', 'doomed']],
      [{ session: 'session-1' }, ['done', 'running']],
      [{ session: 'nobody' }, []],
      [{ dueBy: start }, ['parent', 'blocked', 'mail', 'doomed', 'done', 'running']],
      [{ dueBy: start - 1 }, []],
      [{ dueAfter: start }, ['future']],
      [{ dueAfter: start + HOUR }, []],
      [{ dueBy: start + HOUR }, ['parent', 'blocked', 'mail', 'future', 'doomed', 'done', 'running']],
      [{ expiresBy: start + MINUTE }, ['doomed']],
      [{ expiresBy: start + MINUTE - 1 }, []],
      [{ deadlineBy: start + 5 * MINUTE }, ['running']],
      [{ deadlineBy: start + 5 * MINUTE - 1 }, []],
      [{ finishedBy: start + 1 }, ['done']],
      [{ finishedBy: start }, []],
    ];
    for (const [query, names] of expected) {
      const wanted = names.map((name) => ids[name]);
      assert.deepEqual(await stage.listIds(query), wanted, JSON.stringify(query));
      assert.deepEqual(
        await stage.listIds({ ...query, order: 'newest' }),
        wanted.reverse(),
        `${JSON.stringify(query)}, newest`,
      );
    }
  }),

  taskCase('list', 'filters together', async (stage) => {
    const ids = await variety(stage);
    const start = stage.now;
    assert.deepEqual(await stage.listIds({ states: ['waiting'], queues: ['mail'], dueBy: start }), [ids.mail]);
    assert.deepEqual(await stage.listIds({ states: ['waiting'], names: ['send'], dueAfter: start }), [ids.future]);
    assert.deepEqual(await stage.listIds({ states: ['running'], session: 'session-1' }), [ids.running]);
    assert.deepEqual(await stage.listIds({ states: ['completed'], session: 'session-1' }), [ids.done]);
    assert.deepEqual(await stage.listIds({ states: ['waiting', 'blocked'], expiresBy: start + HOUR }), [ids.doomed]);
    assert.deepEqual(await stage.listIds({ states: ['running'], deadlineBy: start + HOUR, queues: ['mail'] }), []);
  }),

  taskCase('list', 'what may expire is found by its time as it is now', async (stage) => {
    const [a, b, c] = await stage.insert({ expiresAt: stage.now + MINUTE }, { expiresAt: stage.now + MINUTE }, {});
    const guard = { states: ['waiting'] } as const;
    await stage.apply({ id: a as string, guard, set: { expiresAt: null } });
    await stage.apply({ id: b as string, guard, set: { expiresAt: stage.now + HOUR } });
    await stage.apply({ id: c as string, guard, set: { expiresAt: stage.now + MINUTE } });
    const query = { states: ['waiting', 'blocked'] } as const;
    assert.deepEqual(await stage.listIds({ ...query, expiresBy: stage.now + MINUTE }), [c]);
    assert.deepEqual(await stage.listIds({ ...query, expiresBy: stage.now + HOUR }), [b, c]);
  }),

  taskCase('paging', 'pages of any size give each row once, in order, with every filter', async (stage) => {
    const ids = await stage.insert(...Array.from({ length: 23 }, (_, n) => ({ queue: n % 2 === 0 ? 'a' : 'b' })));
    const even = ids.filter((_, n) => n % 2 === 0);
    for (const limit of [1, 2, 5, 22, 23, 24]) {
      assert.deepEqual(namesOf(await stage.pages({}, limit)), ids);
      assert.deepEqual(namesOf(await stage.pages({ order: 'newest' }, limit)), [...ids].reverse());
      assert.deepEqual(namesOf(await stage.pages({ queues: ['a'] }, limit)), even);
      assert.deepEqual(namesOf(await stage.pages({ queues: ['a'], order: 'newest' }, limit)), [...even].reverse());
    }
  }),

  taskCase('paging', 'pages of running and of expiring tasks give each row once, in order', async (stage) => {
    const [one, two] = [await stage.session('one'), await stage.session('two')];
    const ids = await stage.insert(
      ...Array.from({ length: 23 }, (_, n) => ({ expiresAt: stage.now + HOUR - n, priority: n % 3 })),
    );
    const waiting = { states: ['waiting', 'blocked'], expiresBy: stage.now + HOUR } as const;
    assert.deepEqual(namesOf(await stage.pages(waiting, 4)), ids);
    assert.deepEqual(namesOf(await stage.pages({ ...waiting, order: 'newest' }, 4)), [...ids].reverse());
    for (let n = 0; n < 4; n += 1) await stage.claim(n % 2 === 0 ? one : two, { limit: 6 });
    assert.deepEqual(namesOf(await stage.pages({ states: ['running'] }, 4)), ids);
    assert.deepEqual(namesOf(await stage.pages({ states: ['running'], order: 'newest' }, 4)), [...ids].reverse());
    const ofOne = namesOf(await stage.pages({ states: ['running'], session: one }, 5));
    assert.deepEqual(
      ofOne,
      ids.filter((id) => ofOne.includes(id)),
    );
    assert.equal(ofOne.length, 12);
  }),

  taskCase('paging', 'inserts and removals between pages repeat none and hide none that stays', async (stage) => {
    const session = await stage.session();
    const ids = await stage.insert(...Array.from({ length: 12 }, () => ({})));
    await stage.claim(session, { limit: 12 });
    for (const order of ['oldest', 'newest'] as const) {
      const seen: string[] = [];
      let after: string | undefined;
      for (let page = 0; page < 30; page += 1) {
        const { items, next } = await stage.tasks.list({ limit: 3, order, ...(after === undefined ? {} : { after }) });
        seen.push(...items.map(({ id }) => id));
        await stage.insert({ queue: 'new' });
        after = next;
        if (after === undefined) break;
        if (page > 20) break;
      }
      assert.equal(new Set(seen).size, seen.length, 'no row twice');
      for (const id of ids) assert.ok(seen.includes(id), `${id} was seen`);
      const gone = ids.shift() as string;
      await stage.finish(await stage.row(gone));
      await stage.tasks.remove([gone], stage.now + HOUR);
    }
  }),

  taskCase('paging', 'a cursor holds when the row it stands on is gone or no longer matches', async (stage) => {
    const ids = await stage.insert(...Array.from({ length: 6 }, () => ({})));
    const query = { states: ['waiting'], limit: 2 } as const;
    const { items, next } = await stage.tasks.list(query);
    assert.ok(next !== undefined);
    for (const { id } of items) await stage.apply({ id, guard: { states: ['waiting'] }, set: { state: 'cancelled' } });
    await stage.tasks.remove(
      items.map(({ id }) => id),
      stage.now + HOUR,
    );
    const rest = await stage.tasks.list({ ...query, limit: 9, after: next });
    assert.deepEqual(namesOf(rest.items), ids.slice(2));
  }),

  taskCase('count', 'counts equal a recount, with what waits split at the time given', async (stage) => {
    await variety(stage);
    const recount = async (now: number): Promise<void> => {
      const expected = new Map<string, number>();
      for (const { queue, state, runAt } of await stage.pages({}, 100)) {
        const shown = state !== 'waiting' ? state : runAt > now ? 'scheduled' : 'pending';
        expected.set(`${queue} ${shown}`, (expected.get(`${queue} ${shown}`) ?? 0) + 1);
      }
      assert.deepEqual(countsOf(await stage.tasks.count(now)), expected);
    };
    await recount(stage.now);
    await recount(stage.now + HOUR - 1);
    await recount(stage.now + HOUR);
    await recount(stage.now - HOUR);
  }),

  taskCase('count', 'counts follow every change', async (stage) => {
    const session = await stage.session();
    const counts = async () => Object.fromEntries(countsOf(await stage.tasks.count(stage.now)));
    assert.deepEqual(await counts(), {});
    await stage.insert({}, {}, { runAt: stage.now + HOUR });
    assert.deepEqual(await counts(), { 'default pending': 2, 'default scheduled': 1 });
    const [task] = await stage.claim(session, { limit: 1 });
    assert.deepEqual(await counts(), { 'default pending': 1, 'default scheduled': 1, 'default running': 1 });
    assert.ok(task !== undefined);
    await stage.finish(task, 'failed');
    assert.deepEqual(await counts(), { 'default pending': 1, 'default scheduled': 1, 'default failed': 1 });
    stage.now += HOUR;
    assert.deepEqual(await counts(), { 'default pending': 2, 'default failed': 1 });
    await stage.redrive(task.id);
    assert.deepEqual(await counts(), { 'default pending': 3 });
  }),
];

/** One task of each kind that filters tell apart, in this order of insertion. */
async function variety(
  stage: Stage,
): Promise<Record<'parent' | 'blocked' | 'mail' | 'future' | 'doomed' | 'done' | 'running', string>> {
  const session = await stage.session();
  const parent = await stage.insertOne({ queue: 'parents' });
  const blocked = await stage.insertOne({ parents: [{ id: parent, policy: 'cancel' }] });
  const mail = await stage.insertOne({ queue: 'mail', name: 'send' });
  const future = await stage.insertOne({ queue: 'mail', name: 'send', runAt: stage.now + HOUR });
  const doomed = await stage.insertOne({ queue: 'aside', name: 'resize', expiresAt: stage.now + MINUTE });
  const done = await stage.running(session);
  await stage.apply({
    id: done.id,
    guard: { lease: done.lease },
    set: { state: 'completed', finishedAt: stage.now + 1 },
  });
  const running = await stage.running(session, { holdMs: 5 * MINUTE });
  return { parent, blocked, mail, future, doomed, done: done.id, running: running.id };
}

function namesOf(rows: readonly { readonly id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

/** By queue and state; a store may or may not list a state that no task is in. */
function countsOf(counts: readonly TaskCount[]): Map<string, number> {
  const map = new Map<string, number>();
  for (const { queue, state, count } of counts) {
    assert.ok(!map.has(`${queue} ${state}`), 'one count for a queue and state');
    if (count > 0) map.set(`${queue} ${state}`, count);
  }
  return map;
}
