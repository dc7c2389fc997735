import assert from 'node:assert/strict';
import { rejectsWith } from './abilities.ts';
import type { ConformanceCase } from './case.ts';
import { bytes, text } from './rows.ts';
import { HOUR, MINUTE, SECOND } from './stage.ts';
import { taskCase } from './task-case.ts';

export const insertCases: readonly ConformanceCase[] = [
  taskCase('insert', 'a task is stored as it was given, with the columns that the store adds', async (stage) => {
    const task = stage.task({
      queue: 'mail',
      name: 'send',
      priority: -7,
      expiresAt: stage.now + HOUR,
      holdMs: 1_234,
      body: bytes(0, 1, 255),
      spec: text('spec'),
    });
    assert.deepEqual(await stage.offer(task), [{ status: 'inserted', settled: false }]);
    const { admitBy: _admitBy, parents: _parents, unique: _unique, ...given } = task;
    const { body, spec, ...rest } = await stage.row(task.id);
    assert.deepEqual([new Uint8Array(body ?? []), new Uint8Array(spec ?? [])], [given.body, given.spec]);
    assert.deepEqual(rest, {
      ...Object.fromEntries(Object.entries(given).filter(([key]) => key !== 'body' && key !== 'spec')),
      uniqueKey: null,
      createdAt: stage.now,
      state: 'waiting',
      lease: 0,
      session: null,
      waitsFor: 0,
      attempt: 0,
      crashes: 0,
      redrives: 0,
      cancelRequested: false,
      startedAt: null,
      finishedAt: null,
      deadlineAt: null,
      reason: null,
      error: null,
      progress: null,
    });
  }),

  taskCase('insert', 'outcomes are in the order of the rows', async (stage) => {
    const known = await stage.insertOne();
    const late = stage.task({ admitBy: stage.now - 1 });
    const outcomes = await stage.offer(stage.task(), stage.task({ id: known }), late, stage.task());
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['inserted', 'exists', 'late', 'inserted'],
    );
    assert.deepEqual(await stage.offer(), []);
  }),

  taskCase('insert', 'the same id again changes nothing, whatever else it says', async (stage) => {
    const id = await stage.insertOne({ priority: 5, body: bytes(1) });
    const before = await stage.row(id);
    const again = stage.task({
      id,
      priority: 9,
      queue: 'other',
      name: 'other',
      body: bytes(2),
      runAt: stage.now + HOUR,
    });
    assert.deepEqual(await stage.offer(again), [{ status: 'exists' }]);
    assert.deepEqual(await stage.row(id), before);
    assert.deepEqual(await stage.listIds({}), [id]);
  }),

  taskCase('insert', 'an id twice in one call is inserted once', async (stage) => {
    const outcomes = await stage.offer(
      stage.task({ id: 'twin', priority: 1 }),
      stage.task({ id: 'twin', priority: 2 }),
    );
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['inserted', 'exists'],
    );
    assert.equal((await stage.row('twin')).priority, 1);
    assert.equal((await stage.claimIds(await stage.session())).length, 1);
  }),

  taskCase('insert', 'the same id stays a no-op while the task runs and after it has ended', async (stage) => {
    const task = await stage.running(await stage.session());
    assert.deepEqual(await stage.offer(stage.task({ id: task.id })), [{ status: 'exists' }]);
    assert.equal((await stage.row(task.id)).state, 'running');
    await stage.finish(task);
    assert.deepEqual(await stage.offer(stage.task({ id: task.id })), [{ status: 'exists' }]);
    assert.equal((await stage.row(task.id)).state, 'completed');
  }),

  taskCase('insert', 'a row is late after its admission deadline and is not inserted', async (stage) => {
    const task = stage.task({ admitBy: stage.now + MINUTE });
    stage.now += MINUTE + 1;
    assert.deepEqual(await stage.offer(task), [{ status: 'late' }]);
    assert.deepEqual(await stage.tasks.get([task.id]), [undefined]);
  }),

  taskCase('insert', 'an id that is known is told as known, however late it comes again', async (stage) => {
    const id = await stage.insertOne();
    assert.deepEqual(await stage.offer(stage.task({ id, admitBy: stage.now - 1 })), [{ status: 'exists' }]);
    const session = await stage.session();
    const [task] = await stage.claim(session);
    assert.ok(task !== undefined);
    await stage.finish(task);
    await stage.tasks.remove([id], stage.now + HOUR);
    assert.deepEqual(await stage.offer(stage.task({ id, admitBy: stage.now - 1 })), [{ status: 'exists' }]);
  }),

  taskCase('insert', 'a row is in time up to its admission deadline', async (stage) => {
    const time = await stage.tasks.time?.();
    const task = stage.task({ admitBy: time === undefined ? stage.now : time + MINUTE });
    assert.deepEqual(await stage.offer(task), [{ status: 'inserted', settled: false }]);
  }),

  taskCase('insert', 'a removed id is known until its time is up, and free from then on', async (stage) => {
    const session = await stage.session();
    const task = await stage.running(session);
    await stage.finish(task);
    assert.equal(await stage.tasks.remove([task.id], stage.now + HOUR), 1);
    stage.now += HOUR - SECOND;
    assert.deepEqual(await stage.offer(stage.task({ id: task.id })), [{ status: 'exists' }]);
    assert.deepEqual(await stage.tasks.get([task.id]), [undefined], 'a known id is not revived');
    assert.deepEqual(await stage.claimIds(session), []);
    stage.now += 2 * SECOND;
    assert.deepEqual(await stage.offer(stage.task({ id: task.id })), [{ status: 'inserted', settled: false }]);
    assert.deepEqual(await stage.claimIds(session), [task.id]);
  }),

  taskCase('insert', 'ten thousand rows go in with one call', async (stage) => {
    const rows = Array.from({ length: 10_000 }, () => stage.task());
    const outcomes = await stage.offer(...rows);
    assert.equal(outcomes.filter(({ status }) => status === 'inserted').length, 10_000);
    const counts = await stage.tasks.count(stage.now);
    assert.deepEqual([...counts], [{ queue: 'default', state: 'pending', count: 10_000 }]);
  }),

  taskCase('parents', 'a task with parents is blocked, waits for each of them and is not claimed', async (stage) => {
    const [first, second] = await stage.insert({ queue: 'parents' }, { queue: 'parents' });
    const child = await stage.insertOne({ parents: edges(first, second) });
    const { state, waitsFor } = await stage.row(child);
    assert.deepEqual({ state, waitsFor }, { state: 'blocked', waitsFor: 2 });
    assert.deepEqual(await stage.claimIds(await stage.session()), []);
  }),

  taskCase('parents', 'a row may wait for rows that stand before it in the same call', async (stage) => {
    const parent = stage.task();
    const child = stage.task({ parents: edges(parent.id) });
    const outcomes = await stage.offer(parent, child, stage.task({ parents: edges(parent.id, child.id) }));
    assert.deepEqual(outcomes, Array(3).fill({ status: 'inserted', settled: false }));
    assert.deepEqual(await stage.claimIds(await stage.session()), [parent.id]);
  }),

  taskCase('parents', 'a parent that does not exist fails the whole call, which inserts nothing', async (stage) => {
    const known = await stage.insertOne({ queue: 'parents' });
    const rows = [
      stage.task(),
      stage.task({ parents: edges(known) }),
      stage.task({ parents: edges(known, 'nobody') }),
      stage.task(),
    ];
    await rejectsWith('PARENT_UNKNOWN', () => stage.offer(...rows));
    assert.deepEqual(await stage.listIds({}), [known]);
    assert.deepEqual((await stage.tasks.edges({ limit: 10 })).items, []);
    assert.deepEqual(await stage.claimIds(await stage.session()), []);
    const outcomes = await stage.offer(...rows.slice(0, 2));
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['inserted', 'inserted'],
      'the failed call has left no trace of its ids',
    );
  }),

  taskCase('parents', 'a row that stands after its child does not count as its parent', async (stage) => {
    const parent = stage.task();
    await rejectsWith('PARENT_UNKNOWN', () => stage.offer(stage.task({ parents: edges(parent.id) }), parent));
    assert.deepEqual(await stage.listIds({}), []);
  }),

  taskCase('parents', 'a row of the same call that was refused is no parent', async (stage) => {
    const late = stage.task({ admitBy: stage.now - 1 });
    await rejectsWith('PARENT_UNKNOWN', () => stage.offer(late, stage.task({ parents: edges(late.id) })));
    assert.deepEqual(await stage.listIds({}), []);
  }),

  taskCase('parents', 'a forgotten task is no parent', async (stage) => {
    const task = await stage.running(await stage.session());
    await stage.finish(task);
    await stage.tasks.remove([task.id], stage.now + HOUR);
    await rejectsWith('PARENT_UNKNOWN', () => stage.offer(stage.task({ parents: edges(task.id) })));
  }),

  taskCase('parents', 'inserting a child again is a no-op even when its parent is forgotten', async (stage) => {
    const parent = await stage.running(await stage.session());
    const child = stage.task({ parents: edges(parent.id) });
    await stage.offer(child);
    await stage.finish(parent);
    await stage.apply({ id: child.id, guard: { edge: parent.id }, set: {} });
    await stage.tasks.remove([parent.id], stage.now + HOUR);
    assert.deepEqual(await stage.offer(child), [{ status: 'exists' }]);
  }),

  taskCase('parents', 'parents that have ended already are reported, and their edges kept', async (stage) => {
    const session = await stage.session();
    const ended = await stage.running(session);
    await stage.finish(ended);
    const [open] = await stage.insert({ queue: 'parents' });
    const child = stage.task({ parents: edges(ended.id, open as string) });
    assert.deepEqual(await stage.offer(child), [{ status: 'inserted', settled: true }]);
    const { state, waitsFor } = await stage.row(child.id);
    assert.deepEqual({ state, waitsFor }, { state: 'blocked', waitsFor: 2 });
  }),
];

function edges(...ids: readonly (string | undefined)[]): { id: string; policy: 'cancel' }[] {
  return ids.map((id) => ({ id: id as string, policy: 'cancel' }));
}
