import assert from 'node:assert/strict';
import type { ConformanceCase } from './case.ts';
import { HOUR, MINUTE, SECOND } from './stage.ts';
import { abilityCase } from './task-case.ts';

export const flowCases: readonly ConformanceCase[] = [
  abilityCase('orderKeys', 'ordering keys', 'tasks of one key run one at a time, in insert order', async (stage) => {
    const session = await stage.session();
    const [a1, a2, b1, free] = await stage.insert({ orderKey: 'a' }, { orderKey: 'a' }, { orderKey: 'b' }, {});
    assert.deepEqual(await stage.claimIds(session), [a1, b1, free]);
    assert.deepEqual(await stage.claimIds(session), []);
    await stage.finish(await stage.row(a1 as string));
    assert.deepEqual(await stage.claimIds(session), [a2]);
  }),

  abilityCase(
    'orderKeys',
    'ordering keys',
    'the head of a key blocks while it is scheduled and in retry',
    async (stage) => {
      const session = await stage.session();
      const [head, next] = await stage.insert(
        { orderKey: 'a', runAt: stage.now + HOUR },
        { orderKey: 'a', priority: 9 },
      );
      assert.deepEqual(await stage.claimIds(session), []);
      stage.now += HOUR;
      const [task] = await stage.claim(session);
      assert.equal(task?.id, head);
      await stage.apply({
        id: head as string,
        guard: { lease: task?.lease ?? 0 },
        set: { state: 'waiting', runAt: stage.now + HOUR },
      });
      assert.deepEqual(await stage.claimIds(session), []);
      await stage.apply({ id: head as string, guard: { states: ['waiting'] }, set: { state: 'cancelled' } });
      assert.deepEqual(await stage.claimIds(session), [next]);
    },
  ),

  abilityCase(
    'limits',
    'limits',
    'a queue runs no more than its concurrency at once, through every way out',
    async (stage) => {
      const session = await stage.session();
      await stage.tasks.configure('default', { concurrency: 2 });
      const ids = await stage.insert({}, {}, {}, {}, {});
      const other = await stage.insertOne({ queue: 'other' });
      const first = await stage.claim(session, { queues: ['default', 'other'] });
      assert.deepEqual(
        first.map(({ id }) => id),
        [ids[0], ids[1], other],
      );
      assert.deepEqual(await stage.claimIds(session), []);
      await stage.finish(first[0] as never);
      assert.deepEqual(await stage.claimIds(session), [ids[2]]);
      await stage.apply({
        id: ids[1] as string,
        guard: { states: ['running'] },
        set: { state: 'waiting', runAt: stage.now + HOUR },
      });
      assert.deepEqual(await stage.claimIds(session), [ids[3]]);
      await stage.tasks.configure('default', { concurrency: null });
      assert.deepEqual(await stage.claimIds(session), [ids[4]]);
    },
  ),

  abilityCase('limits', 'limits', 'eight claimers together stay within the concurrency', async (stage) => {
    await stage.tasks.configure('default', { concurrency: 3 });
    await stage.insert(...Array.from({ length: 40 }, () => ({})));
    const rivals = await stage.rivals(8);
    const requests = await Promise.all(
      rivals.map(async (_, n) => stage.request(await stage.session(`s${n}`), { limit: 2 })),
    );
    const claimed = await Promise.all(rivals.map((store, n) => store.claim(requests[n] as never)));
    assert.equal(claimed.flat().length, 3);
  }),

  abilityCase('limits', 'limits', 'a queue starts no more per period than its rate', async (stage) => {
    const session = await stage.session();
    await stage.tasks.configure('default', { rate: { limit: 3, periodMs: 10 * SECOND } });
    await stage.insert(...Array.from({ length: 8 }, () => ({})));
    assert.equal((await stage.claimIds(session)).length, 3);
    stage.now += SECOND;
    assert.equal((await stage.claimIds(session)).length, 0);
    stage.now += MINUTE;
    assert.equal((await stage.claimIds(session)).length, 3);
  }),

  abilityCase('limits', 'limits', 'a key over its limit is passed over and blocks no other', async (stage) => {
    const session = await stage.session();
    await stage.tasks.configure('default', { perKey: { concurrency: 1, rate: null } });
    const [a1, a2, b1, free] = await stage.insert({ limitKey: 'a' }, { limitKey: 'a' }, { limitKey: 'b' }, {});
    assert.deepEqual(await stage.claimIds(session), [a1, b1, free]);
    await stage.finish(await stage.row(a1 as string));
    assert.deepEqual(await stage.claimIds(session), [a2]);
  }),
];
