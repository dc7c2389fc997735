import assert from 'node:assert/strict';
import type { EventQuery, EventStore } from '@omniq/core/storage';
import type { ConformanceCase, Opened } from './case.ts';
import { hostileNames } from './hostile-names.ts';
import { same, samples } from './samples.ts';
import { shuffled } from './random.ts';
import { newEvent } from './rows.ts';

function eventCase(
  feature: string,
  title: string,
  body: (events: EventStore, backend: Opened) => Promise<void>,
): ConformanceCase {
  return {
    store: 'events',
    feature,
    title,
    async run(open) {
      const backend = await open();
      if (backend.events === undefined) return 'absent';
      await body(backend.events, backend);
      return 'proved';
    },
  };
}

export const eventCases: readonly ConformanceCase[] = [
  eventCase('append', 'an event comes back as it was given', async (events) => {
    const full = {
      type: 'RETRY',
      level: 30,
      task: 't',
      queue: 'q',
      name: 'n',
      correlationId: 'c',
      data: Uint8Array.of(1, 2),
    };
    const given = [newEvent({ id: 'bare', at: 1 }), newEvent({ id: 'full', at: 2, ...full })];
    await events.append(given);
    await events.append([]);
    const { items, next } = await events.query({ limit: 10 });
    assert.equal(next, undefined);
    assert.deepEqual(
      items.map((event) => ({ ...event, data: event.data === null ? null : [...event.data] })),
      given.map((event) => ({ ...event, data: event.data === null ? null : [...event.data] })),
    );
  }),

  eventCase('append', 'an event of the same id again is a no-op, in one call and across calls', async (events) => {
    await events.append([newEvent({ id: 'a', at: 1, type: 'FIRST' }), newEvent({ id: 'a', at: 2, type: 'SECOND' })]);
    await events.append([newEvent({ id: 'a', at: 3, type: 'THIRD' }), newEvent({ id: 'b', at: 4 })]);
    const { items } = await events.query({ limit: 10 });
    assert.deepEqual(
      items.map(({ id, type }) => [id, type]),
      [
        ['a', 'FIRST'],
        ['b', 'ENQUEUED'],
      ],
    );
  }),

  eventCase(
    'append',
    'eight writers of the same and of different events leave each once',
    async (events, { again }) => {
      const others = again === undefined ? [] : await Promise.all(Array.from({ length: 7 }, again));
      const writers = [events, ...others.map((other) => other.events ?? events)];
      while (writers.length < 8) writers.push(events);
      await Promise.all(
        writers.map((writer, n) =>
          writer.append([
            newEvent({ id: 'shared', at: 5 }),
            ...[1, 2, 3].map((at) => newEvent({ id: `own-${n}-${at}`, at })),
          ]),
        ),
      );
      const ids = await idsOf(events, {});
      assert.equal(ids.length, 25);
      assert.equal(new Set(ids).size, 25);
      assert.equal(ids.at(-1), 'shared');
    },
  ),

  eventCase('query', 'events come in the order of their time, then of arrival', async (events) => {
    const rows = Array.from({ length: 60 }, (_, n) => newEvent({ id: `e${n}`, at: Math.floor(n / 4) }));
    const arrived = shuffled(rows);
    for (let n = 0; n < arrived.length; n += 9) await events.append(arrived.slice(n, n + 9));
    const expected = [...arrived].sort((a, b) => a.at - b.at).map(({ id }) => id);
    assert.deepEqual(await idsOf(events, {}), expected);
    assert.deepEqual(await paged(events, {}, 7), expected);
    assert.deepEqual(await paged(events, {}, 60), expected);
    assert.deepEqual(await paged(events, { since: 5, until: 9 }, 3), expected.slice(20, 36));
  }),

  eventCase('query', 'each filter alone and together', async (events) => {
    await events.append([
      newEvent({ id: 'a', at: 1, type: 'X', level: 10, task: 't1', queue: 'q1', correlationId: 'c1' }),
      newEvent({ id: 'b', at: 2, type: 'Y', level: 20, task: 't1', queue: 'q2', correlationId: 'c1' }),
      newEvent({ id: 'c', at: 3, type: 'Z', level: 30, task: 't2', queue: 'q1' }),
      newEvent({ id: 'd', at: 4, type: 'X', level: 40 }),
    ]);
    const expected: [Omit<EventQuery, 'limit'>, string][] = [
      [{}, 'abcd'],
      [{ task: 't1' }, 'ab'],
      [{ task: 'nobody' }, ''],
      [{ types: ['X', 'Z'] }, 'acd'],
      [{ queue: 'q1' }, 'ac'],
      [{ correlationId: 'c1' }, 'ab'],
      [{ minLevel: 30 }, 'cd'],
      [{ since: 3 }, 'cd'],
      [{ until: 3 }, 'ab'],
      [{ since: 2, until: 4 }, 'bc'],
      [{ task: 't1', types: ['Y'] }, 'b'],
      [{ queue: 'q1', minLevel: 20, since: 1, until: 9 }, 'c'],
      [{ task: 't1', queue: 'q1', correlationId: 'c1', types: ['X'], minLevel: 10 }, 'a'],
    ];
    for (const [query, ids] of expected) {
      assert.equal((await idsOf(events, query)).join(''), ids, JSON.stringify(query));
      assert.equal((await paged(events, query, 1)).join(''), ids, `${JSON.stringify(query)}, page by page`);
    }
  }),

  eventCase('query', 'paging goes on past what arrives meanwhile, without repeating any', async (events) => {
    await events.append(Array.from({ length: 10 }, (_, n) => newEvent({ id: `e${n}`, at: 10 })));
    const first = await events.query({ limit: 4 });
    await events.append([
      newEvent({ id: 'early', at: 1 }),
      newEvent({ id: 'same', at: 10 }),
      newEvent({ id: 'late', at: 20 }),
    ]);
    const rest = await paged(events, {}, 4, first.next);
    assert.deepEqual(rest, ['e4', 'e5', 'e6', 'e7', 'e8', 'e9', 'same', 'late']);
  }),

  eventCase('trim', 'the oldest events before a time go, up to the limit', async (events) => {
    await events.append(Array.from({ length: 6 }, (_, n) => newEvent({ id: `e${n}`, at: n })));
    assert.equal(await events.trim(0, 10), 0);
    assert.equal(await events.trim(4, 3), 3);
    assert.deepEqual(await idsOf(events, {}), ['e3', 'e4', 'e5']);
    assert.equal(await events.trim(4, 3), 1);
    assert.equal(await events.trim(4, 3), 0);
    assert.deepEqual(await idsOf(events, {}), ['e4', 'e5']);
  }),

  eventCase('hostile names', 'as ids, tasks, queues, types and correlation ids, they stay apart', async (events) => {
    await events.append(
      hostileNames.map((id, at) => newEvent({ id, at, type: id, task: id, queue: id, name: id, correlationId: id })),
    );
    assert.deepEqual(await idsOf(events, {}), hostileNames);
    for (const id of hostileNames) {
      for (const query of [{ task: id }, { queue: id }, { correlationId: id }, { types: [id] }]) {
        assert.deepEqual(await idsOf(events, query), [id]);
      }
    }
  }),

  eventCase('bytes', 'bytes come back exactly', async (events) => {
    await events.append(samples.map((data, at) => newEvent({ id: `e${at}`, at, data })));
    const { items } = await events.query({ limit: 10 });
    samples.forEach((sample, n) => same(items[n]?.data ?? null, sample));
  }),
];

async function idsOf(events: EventStore, query: Omit<EventQuery, 'limit'>): Promise<string[]> {
  return (await events.query({ ...query, limit: 1_000 })).items.map(({ id }) => id);
}

async function paged(
  events: EventStore,
  query: Omit<EventQuery, 'limit'>,
  limit: number,
  from?: string,
): Promise<string[]> {
  const ids: string[] = [];
  let after = from;
  for (let page = 0; page < 200; page += 1) {
    const { items, next } = await events.query({ ...query, limit, ...(after === undefined ? {} : { after }) });
    assert.ok(items.length <= limit, 'a page holds no more than its limit');
    ids.push(...items.map(({ id }) => id));
    if (next === undefined) return ids;
    after = next;
  }
  assert.fail('paging does not end');
}
