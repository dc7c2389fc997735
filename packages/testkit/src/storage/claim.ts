import assert from 'node:assert/strict';
import { rejectsWith } from './abilities.ts';
import type { ConformanceCase } from './case.ts';
import { bytes } from './rows.ts';
import { HOUR, MINUTE } from './stage.ts';
import { taskCase } from './task-case.ts';

export const claimCases: readonly ConformanceCase[] = [
  taskCase('claim', 'a claim hands out what a worker needs', async (stage) => {
    const session = await stage.session();
    const id = await stage.insertOne({ name: 'send', priority: 3, body: bytes(7), spec: bytes(8), holdMs: MINUTE });
    stage.now += 5;
    const [task] = await stage.claim(session);
    assert.ok(task !== undefined);
    const row = await stage.row(id);
    for (const [key, value] of Object.entries(task)) assert.deepEqual(value, row[key as keyof typeof row], key);
    const { lease, startedAt, deadlineAt, attempt, queue, name, priority } = task;
    assert.ok(Number.isSafeInteger(lease) && lease > 0, 'a lease is a positive integer');
    assert.deepEqual(
      { startedAt, deadlineAt, attempt, queue, name, priority },
      { startedAt: stage.now, deadlineAt: stage.now + MINUTE, attempt: 0, queue: 'default', name: 'send', priority: 3 },
    );
    assert.deepEqual([...(task.body ?? [])], [7]);
    assert.deepEqual([...(task.spec ?? [])], [8]);
    assert.deepEqual({ state: row.state, session: row.session }, { state: 'running', session });
  }),

  taskCase('claim', 'a claimed task is not claimed again', async (stage) => {
    const session = await stage.session();
    await stage.insert({}, {});
    assert.equal((await stage.claimIds(session)).length, 2);
    assert.deepEqual(await stage.claimIds(session), []);
    assert.deepEqual(await stage.claimIds(await stage.session('session-2')), []);
  }),

  taskCase('claim', 'no more than the limit is claimed, and the rest stays', async (stage) => {
    const session = await stage.session();
    await stage.insert(...Array.from({ length: 7 }, () => ({})));
    assert.equal((await stage.claimIds(session, { limit: 3 })).length, 3);
    assert.equal((await stage.claimIds(session, { limit: 1 })).length, 1);
    assert.equal((await stage.claimIds(session, { limit: 100 })).length, 3);
  }),

  taskCase('claim', 'only the listed queues are claimed from', async (stage) => {
    const session = await stage.session();
    const [a, , c] = await stage.insert({ queue: 'a' }, { queue: 'b' }, { queue: 'c' });
    assert.deepEqual(await stage.claimIds(session, { queues: ['a', 'c', 'unheard-of'] }), [a, c]);
    assert.deepEqual(await stage.claimIds(session, { queues: [] }), []);
  }),

  taskCase('claim', 'two hundred queues are claimed from by one call', async (stage) => {
    const session = await stage.session();
    const queues = Array.from({ length: 200 }, (_, n) => `queue ${n}`);
    const ids = await stage.insert(...queues.map((queue) => ({ queue })));
    const claimed = await stage.claimIds(session, { queues, limit: 500 });
    assert.deepEqual(new Set(claimed), new Set(ids));
  }),

  taskCase('claim', 'a task is not claimed before its runAt, and from then on it is', async (stage) => {
    const session = await stage.session();
    const id = await stage.insertOne({ runAt: stage.now + MINUTE });
    stage.now += MINUTE - 1;
    assert.deepEqual(await stage.claimIds(session), []);
    stage.now += 1;
    assert.deepEqual(await stage.claimIds(session), [id]);
  }),

  taskCase('claim', 'a task is not claimed from its expiry on', async (stage) => {
    const session = await stage.session();
    const [first, second] = await stage.insert({ expiresAt: stage.now + MINUTE }, { expiresAt: stage.now + MINUTE });
    stage.now += MINUTE - 1;
    assert.deepEqual(await stage.claimIds(session, { limit: 1 }), [first]);
    stage.now += 1;
    assert.deepEqual(await stage.claimIds(session), []);
    assert.equal((await stage.row(second as string)).state, 'waiting', 'the core writes expiry down, not the store');
  }),

  taskCase('claim', 'expired tasks at the head hide none behind them', async (stage) => {
    const session = await stage.session();
    await stage.insert(...Array.from({ length: 300 }, () => ({ priority: 9, expiresAt: stage.now + 1 })));
    const id = await stage.insertOne();
    stage.now += 1;
    assert.deepEqual(await stage.claimIds(session, { limit: 5 }), [id]);
  }),

  taskCase('claim', 'a longer time to live makes an expired task claimable again', async (stage) => {
    const session = await stage.session();
    const id = await stage.insertOne({ expiresAt: stage.now + 1 });
    stage.now += 1;
    assert.deepEqual(await stage.claimIds(session), []);
    await stage.apply({ id, guard: { states: ['waiting'] }, set: { expiresAt: null } });
    assert.deepEqual(await stage.claimIds(session), [id]);
  }),

  taskCase('claim', 'the first `start` tasks start at once, the others later', async (stage) => {
    const session = await stage.session();
    await stage.insert({}, {}, {});
    stage.now += 3;
    const claimed = await stage.claim(session, { limit: 3, start: 2 });
    assert.deepEqual(
      claimed.map(({ startedAt }) => startedAt),
      [stage.now, stage.now, null],
    );
    const rows = await stage.tasks.get(claimed.map(({ id }) => id));
    assert.deepEqual(
      rows.map((row) => row?.startedAt),
      [stage.now, stage.now, null],
    );
    const [, , third] = claimed;
    assert.ok(third !== undefined);
    await stage.apply({ id: third.id, guard: { lease: third.lease }, set: { startedAt: stage.now + 9 } });
    assert.equal((await stage.row(third.id)).startedAt, stage.now + 9);
  }),

  taskCase('claim', 'a claim that starts nothing still leases', async (stage) => {
    const session = await stage.session();
    const id = await stage.insertOne();
    const [task] = await stage.claim(session, { start: 0 });
    assert.deepEqual({ id: task?.id, startedAt: task?.startedAt }, { id, startedAt: null });
    assert.equal((await stage.row(id)).state, 'running');
  }),

  taskCase('claim', 'a session that was never opened is refused', async (stage) => {
    const id = await stage.insertOne();
    await rejectsWith('SESSION_ENDED', () => stage.claim('stranger'));
    assert.equal((await stage.row(id)).state, 'waiting');
  }),

  taskCase('claim', 'an ended session is refused, even the repetition of its last claim', async (stage) => {
    const session = await stage.session();
    await stage.insert({}, {});
    const request = stage.request(session, { limit: 1 });
    await stage.tasks.claim(request);
    await stage.tasks.end(session);
    await rejectsWith('SESSION_ENDED', () => stage.claim(session));
    await rejectsWith('SESSION_ENDED', () => stage.tasks.claim(request));
    assert.equal((await stage.tasks.list({ states: ['waiting'], limit: 9 })).items.length, 1);
  }),

  taskCase('lease', 'the lease grows with every claim of a task: after a retry and after a redrive', async (stage) => {
    const session = await stage.session();
    const id = await stage.insertOne();
    let last = 0;
    for (const again of ['retry', 'redrive', 'retry', 'redrive']) {
      const [task] = await stage.claim(session);
      assert.ok(task !== undefined && task.id === id);
      assert.ok(task.lease > last, `${task.lease} is more than ${last}, before the ${again}`);
      last = task.lease;
      if (again === 'retry')
        await stage.apply({ id, guard: { lease: last }, set: { state: 'waiting', runAt: stage.now } });
      else await stage.finish(task, 'failed').then(() => stage.redrive(id));
      assert.equal((await stage.row(id)).lease, last, 'a task keeps its last lease while it waits');
    }
  }),

  taskCase('lease', 'the lease grows even for an id that was forgotten and comes back', async (stage) => {
    const session = await stage.session();
    const first = await stage.running(session);
    await stage.finish(first);
    await stage.tasks.remove([first.id], stage.now + MINUTE);
    stage.now += HOUR;
    await stage.offer(stage.task({ id: first.id }));
    const [second] = await stage.claim(session);
    assert.ok(second !== undefined && second.id === first.id);
    assert.ok(second.lease > first.lease, `${second.lease} is more than ${first.lease}`);
  }),
];
