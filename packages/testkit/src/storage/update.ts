import assert from 'node:assert/strict';
import type { Mutable, StoredState } from '@omniq/core/storage';
import type { ConformanceCase } from './case.ts';
import { bytes, text } from './rows.ts';
import { MINUTE } from './stage.ts';
import { taskCase } from './task-case.ts';

const terminal: readonly StoredState[] = ['completed', 'failed', 'cancelled', 'expired'];

export const updateCases: readonly ConformanceCase[] = [
  taskCase('update', 'outcomes are in the order of the changes, and a bad one undoes no other', async (stage) => {
    const session = await stage.session();
    const [a, b] = [await stage.running(session), await stage.running(session)];
    const set = { state: 'completed', finishedAt: stage.now } as const;
    const outcomes = await stage.tasks.update(
      [
        { id: a.id, guard: { lease: a.lease }, set },
        { id: 'nobody', guard: { lease: 1 }, set },
        { id: b.id, guard: { lease: b.lease + 1_000 }, set },
        { id: b.id, guard: { lease: b.lease }, set },
      ],
      stage.now,
    );
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['applied', 'missing', 'stale', 'applied'],
    );
    assert.deepEqual([(await stage.row(a.id)).state, (await stage.row(b.id)).state], ['completed', 'completed']);
    assert.deepEqual(await stage.tasks.update([], stage.now), []);
  }),

  taskCase('update', 'five thousand tasks are claimed, read, changed and removed, each by one call', async (stage) => {
    const session = await stage.session();
    const ids = await stage.insert(...Array.from({ length: 5_000 }, () => ({ body: bytes(1) })));
    const claimed = await stage.claim(session, { limit: 5_000 });
    assert.deepEqual(new Set(claimed.map(({ id }) => id)), new Set(ids));
    const changes = claimed.map(({ id, lease }) => ({
      id,
      guard: { lease },
      set: { state: 'completed' as const },
      record: bytes(2),
    }));
    const outcomes = await stage.tasks.update(changes, stage.now);
    assert.ok(outcomes.length === 5_000 && outcomes.every(({ status }) => status === 'applied'));
    const rows = await stage.tasks.get(ids);
    assert.ok(rows.every((row, n) => row?.id === ids[n] && row?.state === 'completed'));
    assert.equal(await stage.tasks.remove(ids, stage.now + MINUTE), 5_000);
  }),

  taskCase('update', 'later changes of a call see what earlier ones did', async (stage) => {
    const { id, lease } = await stage.running(await stage.session());
    const outcomes = await stage.tasks.update(
      [
        { id, guard: { lease }, set: { state: 'completed' } },
        { id, guard: { lease }, set: { state: 'failed' } },
        { id, guard: { states: ['completed'] }, set: { reason: 'seen' } },
      ],
      stage.now,
    );
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['applied', 'stale', 'applied'],
    );
    const { state, reason } = await stage.row(id);
    assert.deepEqual({ state, reason }, { state: 'completed', reason: 'seen' });
  }),

  taskCase('fence', 'a change under another lease is stale and changes nothing', async (stage) => {
    const { id, lease } = await stage.running(await stage.session());
    const before = await stage.row(id);
    for (const wrong of [lease - 1, lease + 1, 0]) {
      const change = { id, guard: { lease: wrong }, set: { state: 'completed' }, record: bytes(1) } as const;
      assert.equal((await stage.change(change)).status, 'stale');
    }
    assert.deepEqual(await stage.row(id), before);
    assert.deepEqual(await stage.tasks.history(id), []);
  }),

  taskCase('fence', 'a run that was superseded can change nothing, however late it comes', async (stage) => {
    const session = await stage.session();
    const first = await stage.running(session);
    await stage.apply({ id: first.id, guard: { lease: first.lease }, set: { state: 'waiting', runAt: stage.now } });
    const zombie = {
      id: first.id,
      guard: { lease: first.lease },
      set: { state: 'completed', progress: text('no') },
    } as const;
    assert.equal((await stage.change(zombie)).status, 'stale', 'while it waits');
    const [second] = await stage.claim(await stage.session('session-2'));
    assert.equal((await stage.change(zombie)).status, 'stale', 'while another runs it');
    assert.equal((await stage.row(first.id)).lease, second?.lease);
    await stage.finish(second ?? first);
    assert.equal((await stage.change(zombie)).status, 'stale', 'after it has ended');
    assert.equal((await stage.row(first.id)).progress, null);
  }),

  taskCase('fence', 'a lease guards only a running task', async (stage) => {
    const task = await stage.running(await stage.session());
    await stage.finish(task);
    assert.equal(
      (await stage.change({ id: task.id, guard: { lease: task.lease }, set: { state: 'failed' } })).status,
      'stale',
    );
    const waiting = await stage.insertOne();
    assert.equal(
      (await stage.change({ id: waiting, guard: { lease: 0 }, set: { state: 'completed' } })).status,
      'stale',
    );
  }),

  taskCase('cancel', 'a change that must be uncancelled is refused once a cancel was asked for', async (stage) => {
    const { id, lease } = await stage.running(await stage.session());
    await stage.apply({ id, guard: { lease, uncancelled: true }, set: { progress: bytes(1) } });
    await stage.apply({ id, guard: { states: ['running'] }, set: { cancelRequested: true } });
    const refused = await stage.change({ id, guard: { lease, uncancelled: true }, set: { state: 'completed' } });
    assert.equal(refused.status, 'cancelled');
    assert.equal((await stage.row(id)).state, 'running');
    const stale = await stage.change({
      id,
      guard: { lease: lease + 1, uncancelled: true },
      set: { state: 'completed' },
    });
    assert.equal(stale.status, 'stale');
    await stage.apply({ id, guard: { lease }, set: { state: 'cancelled', finishedAt: stage.now } });
    assert.equal((await stage.row(id)).state, 'cancelled');
  }),

  taskCase('cancel', 'a cancelled task that waits is never claimed', async (stage) => {
    const session = await stage.session();
    const [gone, kept] = await stage.insert({}, {});
    await stage.apply({ id: gone as string, guard: { states: ['waiting'] }, set: { state: 'cancelled' } });
    assert.deepEqual(await stage.claimIds(session), [kept]);
  }),

  taskCase('update', 'a guard of states holds in these states only', async (stage) => {
    const session = await stage.session();
    const id = await stage.insertOne();
    const touch = (states: readonly StoredState[]) =>
      stage.change({ id, guard: { states }, set: { reason: 'touched' } });
    assert.equal((await touch(['running', 'completed'])).status, 'stale');
    assert.equal((await touch([])).status, 'stale');
    assert.equal((await stage.row(id)).reason, null);
    assert.equal((await touch(['completed', 'waiting'])).status, 'applied');
    await stage.claim(session);
    assert.equal((await touch(['waiting', 'blocked'])).status, 'stale');
    assert.equal((await touch(['running'])).status, 'applied');
  }),

  taskCase('update', 'each column that may change does, alone, and to null where it may be null', async (stage) => {
    const id = await stage.insertOne({ queue: 'aside' });
    const values: Mutable = {
      state: 'blocked',
      priority: -12,
      runAt: stage.now + 17,
      expiresAt: stage.now + MINUTE,
      attempt: 3,
      crashes: 2,
      redrives: 1,
      cancelRequested: true,
      startedAt: stage.now + 1,
      finishedAt: stage.now + 2,
      deadlineAt: null,
      reason: 'because; "quoted" \'text\'',
      error: text('error'),
      progress: new Uint8Array(0),
    };
    let expected = await stage.row(id);
    for (const key of Object.keys(values) as (keyof Mutable)[]) {
      for (const value of [values[key], expected[key]]) {
        await stage.apply({ id, guard: { states: ['waiting', 'blocked'] }, set: { [key]: value } });
        const row = await stage.row(id);
        assert.deepEqual(plain({ ...row }), plain({ ...expected, [key]: value }), key);
      }
    }
    expected = await stage.row(id);
    await stage.apply({ id, guard: { states: ['waiting'] }, set: values });
    assert.deepEqual(plain({ ...(await stage.row(id)) }), plain({ ...expected, ...values }));
  }),

  taskCase('update', 'an empty set changes nothing but counts as applied', async (stage) => {
    const { id, lease } = await stage.running(await stage.session());
    const before = await stage.row(id);
    await stage.apply({ id, guard: { lease }, set: {} });
    assert.deepEqual(await stage.row(id), before);
  }),

  taskCase('update', 'the deadline of a running task can be moved, and leaves with the run', async (stage) => {
    const session = await stage.session();
    const { id, lease } = await stage.running(session, { holdMs: MINUTE });
    await stage.apply({ id, guard: { lease }, set: { deadlineAt: stage.now + 5 * MINUTE } });
    assert.equal((await stage.row(id)).deadlineAt, stage.now + 5 * MINUTE);
    await stage.apply({ id, guard: { lease }, set: { state: 'waiting', runAt: stage.now } });
    assert.equal((await stage.row(id)).deadlineAt, null);
    const [again] = await stage.claim(session);
    assert.equal(again?.deadlineAt, stage.now + MINUTE, 'every claim gets a deadline of its own');
    await stage.finish(again ?? { id, lease });
    assert.equal((await stage.row(id)).deadlineAt, null);
  }),

  taskCase('update', 'a task that left its session remembers it', async (stage) => {
    const session = await stage.session();
    const task = await stage.running(session);
    await stage.finish(task);
    const row = await stage.row(task.id);
    assert.deepEqual({ session: row.session, lease: row.lease }, { session, lease: task.lease });
  }),

  taskCase('terminal', 'a terminal task is never claimed', async (stage) => {
    const session = await stage.session();
    for (const state of terminal) {
      const id = await stage.insertOne();
      await stage.apply({ id, guard: { states: ['waiting'] }, set: { state, finishedAt: stage.now } });
      assert.deepEqual(await stage.claimIds(session), [], state);
    }
  }),

  taskCase('terminal', 'only a guard that names the terminal state brings a task back', async (stage) => {
    const session = await stage.session();
    for (const state of terminal) {
      const task = await stage.running(session);
      await stage.apply({ id: task.id, guard: { lease: task.lease }, set: { state, finishedAt: stage.now } });
      const set = { state: 'waiting', runAt: stage.now } as const;
      for (const guard of [
        { lease: task.lease },
        { states: ['waiting', 'running', 'blocked'] as const },
        { edge: 'nobody' },
      ]) {
        assert.equal((await stage.change({ id: task.id, guard, set })).status, 'stale');
      }
      assert.equal((await stage.row(task.id)).state, state);
      assert.equal((await stage.redrive(task.id)).status, 'applied');
      assert.deepEqual(await stage.claimIds(session), [task.id]);
      await stage.finish(await stage.row(task.id));
    }
  }),

  taskCase('history', 'what changes recorded is read back, oldest first, under the lease of each', async (stage) => {
    const session = await stage.session();
    const first = await stage.running(session);
    const { id } = first;
    const back = { state: 'waiting', runAt: stage.now } as const;
    await stage.apply({ id, guard: { lease: first.lease }, set: {}, record: text('one') });
    await stage.apply({ id, guard: { lease: first.lease }, set: back, record: text('two') });
    const [second] = await stage.claim(session);
    assert.ok(second !== undefined);
    assert.equal(
      (await stage.change({ id, guard: { lease: first.lease }, set: {}, record: text('no') })).status,
      'stale',
    );
    await stage.apply({ id, guard: { lease: second.lease }, set: { state: 'failed' }, record: new Uint8Array(0) });
    await stage.apply({ id, guard: { states: ['failed'] }, set: back, record: text('four') });
    const history = await stage.tasks.history(id);
    assert.deepEqual(
      history.map(({ lease, record }) => [lease, new TextDecoder().decode(record)]),
      [
        [first.lease, 'one'],
        [first.lease, 'two'],
        [second.lease, ''],
        [second.lease, 'four'],
      ],
    );
    assert.deepEqual(await stage.tasks.history('nobody'), []);
  }),
];

/** Byte arrays of any class as arrays of numbers: a store may return a Buffer. */
function plain(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, value instanceof Uint8Array ? [...value] : value]),
  );
}
