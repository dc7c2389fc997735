import assert from 'node:assert/strict';
import type { ScheduleQuery, ScheduleStore } from '@omniq/core/storage';
import type { ConformanceCase, Opened } from './case.ts';
import { hostileNames } from './hostile-names.ts';
import { same, samples } from './samples.ts';
import { bytes, newSchedule } from './rows.ts';

function scheduleCase(
  feature: string,
  title: string,
  body: (schedules: ScheduleStore, backend: Opened) => Promise<void>,
): ConformanceCase {
  return {
    store: 'schedules',
    feature,
    title,
    async run(open) {
      const backend = await open();
      if (backend.schedules === undefined) return 'absent';
      await body(backend.schedules, backend);
      return 'proved';
    },
  };
}

export const scheduleCases: readonly ConformanceCase[] = [
  scheduleCase('compare-and-set', 'a new row needs revision null, a stored one its own', async (schedules) => {
    const row = newSchedule({ id: 'a', dueAt: 5 });
    assert.equal(await schedules.get('a'), undefined);
    assert.equal(await schedules.put(row, 1), null, 'nothing to replace');
    const first = await create(schedules, row);
    assert.equal(await schedules.put({ ...row, dueAt: 6 }, null), null, 'there already');
    assert.equal(await schedules.put({ ...row, dueAt: 6 }, first + 1), null, 'another revision');
    assert.equal((await schedules.get('a'))?.dueAt, 5);
    const second = await schedules.put({ ...row, dueAt: 7, state: 'paused', body: bytes(9) }, first);
    assert.ok(second !== null && second > first, 'the revision grows');
    assert.equal(await schedules.put(row, first), null, 'an old revision');
    const { body, ...rest } = (await schedules.get('a')) ?? newSchedule({ id: '' });
    assert.deepEqual({ ...rest, body: [...body] }, { id: 'a', dueAt: 7, state: 'paused', revision: second, body: [9] });
  }),

  scheduleCase(
    'compare-and-set',
    'a row that was removed and made again does not take an old revision',
    async (schedules) => {
      const row = newSchedule({ id: 'a' });
      const first = await create(schedules, row);
      assert.equal(await schedules.remove('a'), true);
      assert.equal(await schedules.remove('a'), false);
      assert.equal(await schedules.get('a'), undefined);
      assert.equal(await schedules.put(row, first), null, 'nothing to replace');
      const again = await create(schedules, row);
      assert.ok(again > first, 'the revision grew');
      assert.equal(await schedules.put(row, first), null);
    },
  ),

  scheduleCase(
    'compare-and-set',
    'of eight that put on one revision one wins, every time',
    async (schedules, { again }) => {
      const others = again === undefined ? [] : await Promise.all(Array.from({ length: 7 }, again));
      const racers = [schedules, ...others.map((other) => other.schedules ?? schedules)];
      while (racers.length < 8) racers.push(schedules);
      let revision: number | null = null;
      for (let round = 0; round < 10; round += 1) {
        const known: number | null = revision;
        const answers: (number | null)[] = await Promise.all(
          racers.map((racer, n) => racer.put(newSchedule({ id: 'slot', dueAt: round * 10 + n }), known)),
        );
        const winners = answers.flatMap((answer, n) => (answer === null ? [] : [{ answer, n }]));
        assert.equal(winners.length, 1);
        const stored = await schedules.get('slot');
        assert.deepEqual([stored?.revision, stored?.dueAt], [winners[0]?.answer, round * 10 + (winners[0]?.n ?? 0)]);
        revision = winners[0]?.answer ?? null;
      }
    },
  ),

  scheduleCase('list', 'due rows come by due time, then id; others not', async (schedules) => {
    const rows = [
      newSchedule({ id: 'd', dueAt: 10 }),
      newSchedule({ id: 'b', dueAt: 20 }),
      newSchedule({ id: 'c', dueAt: 10 }),
      newSchedule({ id: 'a', dueAt: null }),
      newSchedule({ id: 'e', dueAt: 5, state: 'paused' }),
      newSchedule({ id: 'f', dueAt: 21 }),
    ];
    for (const row of rows) await create(schedules, row);
    assert.deepEqual(await paged(schedules, { dueBy: 20 }), ['e', 'c', 'd', 'b']);
    assert.deepEqual(await paged(schedules, { dueBy: 19 }), ['e', 'c', 'd']);
    assert.deepEqual(await paged(schedules, { dueBy: 20, states: ['active'] }), ['c', 'd', 'b']);
    assert.deepEqual(await paged(schedules, { dueBy: 4 }), []);
  }),

  scheduleCase('list', 'without a due time all rows come by id', async (schedules) => {
    for (const [id, state, dueAt] of [
      ['c', 'active', 1],
      ['a', 'ended', null],
      ['b', 'paused', 3],
    ] as const) {
      await create(schedules, newSchedule({ id, state, dueAt }));
    }
    assert.deepEqual(await paged(schedules, {}), ['a', 'b', 'c']);
    assert.deepEqual(await paged(schedules, { states: ['ended', 'active'] }), ['a', 'c']);
    const { items } = await schedules.list({ limit: 1 });
    assert.equal(typeof items[0]?.revision, 'number', 'a listed row can be replaced by its revision');
  }),

  scheduleCase('list', 'pages of any size give each row once, with and without a due time', async (schedules) => {
    const ids = Array.from({ length: 17 }, (_, n) => `s${String(n).padStart(2, '0')}`);
    for (const [n, id] of ids.entries()) await create(schedules, newSchedule({ id, dueAt: 100 - (n % 3) }));
    const byDue = [2, 1, 0].flatMap((rest) => ids.filter((_, n) => n % 3 === rest));
    for (const limit of [1, 4, 17, 18]) {
      assert.deepEqual(await paged(schedules, {}, limit), ids);
      assert.deepEqual(await paged(schedules, { dueBy: 100 }, limit), byDue);
    }
  }),

  scheduleCase('list', 'a row that leaves or moves on between pages hides none that stays', async (schedules) => {
    const ids = Array.from({ length: 9 }, (_, n) => `s${n}`);
    for (const id of ids) await create(schedules, newSchedule({ id, dueAt: 50 }));
    const { items, next } = await schedules.list({ dueBy: 100, limit: 3 });
    for (const row of items) await schedules.put({ ...row, dueAt: 500 }, row.revision);
    assert.deepEqual(await paged(schedules, { dueBy: 100 }, 4, next), ids.slice(3));
  }),

  scheduleCase('hostile names', 'as ids, they stay apart', async (schedules) => {
    for (const [n, id] of hostileNames.entries())
      await create(schedules, newSchedule({ id, dueAt: n, body: bytes(n) }));
    for (const [n, id] of hostileNames.entries()) {
      const row = await schedules.get(id);
      assert.deepEqual([row?.id, row?.dueAt, row?.body[0]], [id, n, n]);
    }
    assert.deepEqual(await paged(schedules, { dueBy: 1_000 }, 5), hostileNames);
    assert.deepEqual(new Set(await paged(schedules, {}, 5)), new Set(hostileNames));
    assert.equal(await schedules.remove('%'), true);
    assert.equal((await paged(schedules, {})).length, hostileNames.length - 1);
  }),

  scheduleCase('bytes', 'bytes come back exactly', async (schedules) => {
    for (const [n, body] of samples.entries()) await create(schedules, newSchedule({ id: `s${n}`, body }));
    for (const [n, sample] of samples.entries()) same((await schedules.get(`s${n}`))?.body ?? null, sample);
  }),
];

async function create(schedules: ScheduleStore, row: ReturnType<typeof newSchedule>): Promise<number> {
  const revision = await schedules.put(row, null);
  assert.ok(typeof revision === 'number', 'a new row is taken');
  return revision;
}

async function paged(
  schedules: ScheduleStore,
  query: Omit<ScheduleQuery, 'limit'>,
  limit = 100,
  from?: string,
): Promise<string[]> {
  const ids: string[] = [];
  let after = from;
  for (let page = 0; page < 200; page += 1) {
    const { items, next } = await schedules.list({ ...query, limit, ...(after === undefined ? {} : { after }) });
    assert.ok(items.length <= limit, 'a page holds no more than its limit');
    ids.push(...items.map(({ id }) => id));
    if (next === undefined) return ids;
    after = next;
  }
  assert.fail('paging does not end');
}
