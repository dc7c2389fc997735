import assert from 'node:assert/strict';
import type { NewTask } from '@omniq/core/storage';
import type { ConformanceCase } from './case.ts';
import { shuffled } from './random.ts';
import { MINUTE, type Stage } from './stage.ts';
import { taskCase } from './task-case.ts';

/** Compares as the store promises it: exactly, or for a loose order only which tasks there are. */
function sameOrder(stage: Stage, actual: readonly string[], expected: readonly (string | undefined)[]): void {
  const strict = stage.tasks.capabilities.order === 'strict';
  if (strict) assert.deepEqual(actual, expected);
  else assert.deepEqual(new Set(actual), new Set(expected));
}

export const orderCases: readonly ConformanceCase[] = [
  taskCase('order', 'higher priority first', async (stage) => {
    const session = await stage.session();
    const [low, high, middle, top, bottom] = await stage.insert(
      { priority: -5 },
      { priority: 10 },
      { priority: 0 },
      { priority: 1_000 },
      { priority: -1_000 },
    );
    sameOrder(stage, await stage.claimIds(session), [top, high, middle, low, bottom]);
  }),

  taskCase('order', 'of equal priority, the earlier runAt first', async (stage) => {
    const session = await stage.session();
    const start = stage.now;
    const [late, early, between] = await stage.insert({ runAt: start + 9 }, { runAt: start - 9 }, { runAt: start });
    stage.now += 10;
    sameOrder(stage, await stage.claimIds(session), [early, between, late]);
  }),

  taskCase('order', 'of equal priority and runAt, insert order, within a call and across calls', async (stage) => {
    const session = await stage.session();
    const runAt = stage.now;
    const expected: string[] = [];
    for (let call = 0; call < 5; call += 1) {
      // Ids that sort the other way round: insert order is not id order.
      expected.push(...(await stage.insert(...[3, 2, 1].map((n) => ({ id: `t-${9 - call}-${n}`, runAt })))));
      stage.now += 1;
    }
    sameOrder(stage, await stage.claimIds(session), expected);
  }),

  taskCase('order', 'queues as listed, before priority', async (stage) => {
    const session = await stage.session();
    const [b, a] = await stage.insert({ queue: 'b', priority: 100 }, { queue: 'a', priority: -100 });
    sameOrder(stage, await stage.claimIds(session, { queues: ['a', 'b'] }), [a, b]);
    const [b2, a2] = await stage.insert({ queue: 'b' }, { queue: 'a' });
    sameOrder(stage, await stage.claimIds(session, { queues: ['b', 'a'] }), [b2, a2]);
  }),

  taskCase('order', 'a future task of high priority holds up no due one of low priority', async (stage) => {
    const session = await stage.session();
    await stage.insert(...Array.from({ length: 50 }, () => ({ priority: 9, runAt: stage.now + MINUTE })));
    const id = await stage.insertOne({ priority: -9 });
    assert.deepEqual(await stage.claimIds(session, { limit: 10 }), [id]);
  }),

  taskCase('order', 'a retried task takes its place by its new runAt', async (stage) => {
    const session = await stage.session();
    const first = await stage.running(session);
    const second = await stage.insertOne({ runAt: stage.now + 5 });
    await stage.apply({ id: first.id, guard: { lease: first.lease }, set: { state: 'waiting', runAt: stage.now + 9 } });
    stage.now += 10;
    sameOrder(stage, await stage.claimIds(session), [second, first.id]);
  }),

  taskCase('order', 'a task handed back keeps its place before later ones', async (stage) => {
    const session = await stage.session();
    const first = await stage.running(session);
    const second = await stage.insertOne();
    await stage.apply({ id: first.id, guard: { lease: first.lease }, set: { state: 'waiting' } });
    sameOrder(stage, await stage.claimIds(session), [first.id, second]);
  }),

  taskCase('order', 'changing priority or runAt of a waiting task moves it', async (stage) => {
    const session = await stage.session();
    const [a, b, c, d] = await stage.insert({}, {}, {}, {});
    await stage.apply({ id: c as string, guard: { states: ['waiting'] }, set: { priority: 5 } });
    await stage.apply({ id: b as string, guard: { states: ['waiting'] }, set: { runAt: stage.now - 5 } });
    await stage.apply({ id: a as string, guard: { states: ['waiting'] }, set: { runAt: stage.now + 5 } });
    sameOrder(stage, await stage.claimIds(session), [c, b, d]);
    stage.now += 5;
    assert.deepEqual(await stage.claimIds(session), [a]);
  }),

  taskCase('order', 'two thousand tasks, inserted in any order, come out in the promised one', async (stage) => {
    const session = await stage.session();
    const rows = shuffled(manyTasks(stage));
    for (let at = 0; at < rows.length; at += 250) await stage.offer(...rows.slice(at, at + 250));
    stage.now += MINUTE;
    const expected = [...rows].sort((a, b) => b.priority - a.priority || a.runAt - b.runAt);
    const claimed: string[] = [];
    for (let round = 0; claimed.length < rows.length && round < rows.length; round += 1) {
      claimed.push(...(await stage.claimIds(session, { limit: 1 + ((round * 37) % 90) })));
    }
    sameOrder(
      stage,
      claimed,
      expected.map(({ id }) => id),
    );
  }),

  taskCase('order', 'what becomes due takes its place among what waits already', async (stage) => {
    const session = await stage.session();
    const rows = shuffled(manyTasks(stage), 7).slice(0, 600);
    await stage.offer(...rows);
    const waiting = new Set(rows);
    for (let step = 0; step < 60; step += 1) {
      const due = [...waiting].filter(({ runAt }) => runAt <= stage.now);
      const best = due.sort((a, b) => b.priority - a.priority || a.runAt - b.runAt).slice(0, 7);
      const claimed = await stage.claimIds(session, { limit: 7 });
      if (stage.tasks.capabilities.order === 'strict') {
        assert.deepEqual(
          claimed,
          best.map(({ id }) => id),
        );
      }
      for (const row of rows) if (claimed.includes(row.id)) waiting.delete(row);
      stage.now += 1;
    }
  }),
];

/** Two thousand tasks over 21 priorities and 40 instants, some of them still to come. */
function manyTasks(stage: Stage): NewTask[] {
  return Array.from({ length: 2_000 }, (_, n) =>
    stage.task({ priority: (n % 21) - 10, runAt: stage.now - 20 + (n % 40) }),
  );
}
