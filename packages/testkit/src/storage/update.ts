import assert from 'node:assert/strict';
import type { Mutable, StoredState } from '@omniq/core/storage';
import type { ConformanceCase } from './case.ts';
import { bytes, text } from './rows.ts';
import { MINUTE } from './stage.ts';
import { taskCase } from './task-case.ts';

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
];

/** Byte arrays of any class as arrays of numbers: a store may return a Buffer. */
function plain(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key, value instanceof Uint8Array ? [...value] : value]),
  );
}
