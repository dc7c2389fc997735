import assert from 'node:assert/strict';
import type { ConformanceCase } from './case.ts';
import { MINUTE } from './stage.ts';
import { taskCase } from './task-case.ts';

export const claimRequestCases: readonly ConformanceCase[] = [
  taskCase('claim request', 'a repeated request returns the same tasks and leases no more', async (stage) => {
    const session = await stage.session();
    await stage.insert({}, {}, {}, {});
    const request = stage.request(session, { limit: 2 });
    const first = await stage.tasks.claim(request);
    stage.now += MINUTE;
    const again = await stage.tasks.claim({ ...request, now: stage.now });
    assert.deepEqual(again, first);
    assert.equal((await stage.listIds({ states: ['running'] })).length, 2);
    assert.equal((await stage.claimIds(session, { limit: 9 })).length, 2, 'the next request takes the rest');
  }),

  taskCase('claim request', 'a repeated request that found nothing finds nothing', async (stage) => {
    const session = await stage.session();
    const request = stage.request(session);
    assert.deepEqual(await stage.tasks.claim(request), []);
    await stage.insert({});
    assert.deepEqual(await stage.tasks.claim(request), []);
    assert.equal((await stage.claim(session)).length, 1);
  }),

  taskCase(
    'claim request',
    'a repeated request leaves out what has ended since or runs under a later lease',
    async (stage) => {
      const session = await stage.session();
      const [done, retried, kept] = await stage.insert({}, {}, {});
      const request = stage.request(session, { lane: 1 });
      const claimed = await stage.tasks.claim(request);
      const leases = new Map(claimed.map(({ id, lease }) => [id, lease]));
      await stage.finish({ id: done as string, lease: leases.get(done as string) as number });
      const guard = { lease: leases.get(retried as string) as number };
      await stage.apply({ id: retried as string, guard, set: { state: 'waiting', runAt: stage.now } });
      const other = await stage.claimIds(session, { lane: 2 });
      assert.deepEqual(other, [retried]);
      const again = await stage.tasks.claim(request);
      assert.deepEqual(
        again.map(({ id }) => id),
        [kept],
      );
    },
  ),

  taskCase('claim request', 'lanes of a session count on their own', async (stage) => {
    const session = await stage.session();
    await stage.insert({}, {}, {});
    const [one, two] = [stage.request(session, { lane: 1, limit: 1 }), stage.request(session, { lane: 2, limit: 1 })];
    const [a, b] = [await stage.tasks.claim(one), await stage.tasks.claim(two)];
    assert.notEqual(a[0]?.id, b[0]?.id);
    assert.deepEqual(await stage.tasks.claim(one), a);
    assert.deepEqual(await stage.tasks.claim(two), b);
  }),

  taskCase('claim request', 'sessions count on their own', async (stage) => {
    await stage.session('one');
    await stage.session('two');
    await stage.insert({}, {});
    const a = await stage.tasks.claim(stage.request('one', { limit: 1 }));
    const b = await stage.tasks.claim(stage.request('two', { limit: 1 }));
    assert.notEqual(a[0]?.id, b[0]?.id);
  }),
];
