import assert from 'node:assert/strict';
import type { StoredState } from '@omniq/core/storage';
import type { ConformanceCase } from './case.ts';
import { bytes } from './rows.ts';
import { HOUR } from './stage.ts';
import { abilityCase, taskCase } from './task-case.ts';

export const removeCases: readonly ConformanceCase[] = [
  taskCase(
    'remove',
    'terminal tasks of every kind go, others stay, and the count says how many went',
    async (stage) => {
      const session = await stage.session();
      const ended: string[] = [];
      for (const state of ['completed', 'failed', 'cancelled', 'expired'] satisfies StoredState[]) {
        const id = await stage.insertOne();
        await stage.apply({ id, guard: { states: ['waiting'] }, set: { state, finishedAt: stage.now } });
        ended.push(id);
      }
      const running = await stage.running(session);
      const waiting = await stage.insertOne();
      const blocked = await stage.insertOne({ parents: [{ id: waiting, policy: 'run' }] });
      const live = [running.id, waiting, blocked];
      assert.equal(await stage.tasks.remove([...ended, ...live, 'nobody'], stage.now + HOUR), 4);
      assert.deepEqual(await stage.listIds({}), live);
      assert.deepEqual(await stage.tasks.get(ended), Array(4).fill(undefined));
      assert.equal(await stage.tasks.remove(ended, stage.now + HOUR), 0);
      assert.equal(await stage.tasks.remove([], stage.now + HOUR), 0);
      await stage.finish(running);
    },
  ),

  taskCase('remove', 'a parent that a child still waits for stays until its last edge is resolved', async (stage) => {
    const parent = await stage.running(await stage.session());
    const children = await stage.insert(
      ...[1, 2].map(() => ({ parents: [{ id: parent.id, policy: 'run' as const }] })),
    );
    await stage.finish(parent);
    for (const child of children) {
      assert.equal(await stage.tasks.remove([parent.id], stage.now + HOUR), 0);
      await stage.apply({ id: child, guard: { edge: parent.id }, set: {} });
    }
    assert.equal(await stage.tasks.remove([parent.id], stage.now + HOUR), 1);
  }),

  taskCase('remove', 'a removed child takes its edges with it, and holds no parent any more', async (stage) => {
    const parent = await stage.running(await stage.session());
    const child = await stage.insertOne({ parents: [{ id: parent.id, policy: 'hold' }] });
    await stage.finish(parent, 'failed');
    await stage.apply({ id: child, guard: { states: ['blocked'] }, set: { state: 'cancelled' } });
    assert.equal(await stage.tasks.remove([child], stage.now + HOUR), 1);
    assert.deepEqual((await stage.tasks.edges({ limit: 10 })).items, []);
    assert.equal(await stage.tasks.remove([parent.id], stage.now + HOUR), 1);
  }),

  taskCase('remove', 'children and parents go in one call, where no parent stands before its child', async (stage) => {
    const [top, middle, leaf] = ['top', 'middle', 'leaf'];
    const family = async (): Promise<void> => {
      const after = (parent: string) => [{ id: parent, policy: 'run' as const }];
      await stage.insert({ id: top }, { id: middle, parents: after(top) }, { id: leaf, parents: after(middle) });
      for (const id of [top, middle, leaf])
        await stage.apply({ id, guard: { states: ['waiting', 'blocked'] }, set: { state: 'cancelled' } });
    };
    await family();
    assert.equal(await stage.tasks.remove([middle, leaf, top], stage.now), 1);
    assert.deepEqual(await stage.listIds({}), [top, middle], 'the leaf kept its parent, and that kept its own');
    assert.equal(await stage.tasks.remove([middle, top], stage.now), 2);
    stage.now += 1;
    await family();
    assert.equal(await stage.tasks.remove([leaf, middle, top, leaf], stage.now), 3);
    assert.deepEqual(await stage.listIds({}), []);
  }),

  taskCase('remove', 'the history goes with its task, and does not return with its id', async (stage) => {
    const { id, lease } = await stage.running(await stage.session());
    await stage.apply({ id, guard: { lease }, set: { state: 'failed' }, record: bytes(1) });
    await stage.tasks.remove([id], stage.now);
    assert.deepEqual(await stage.tasks.history(id), []);
    stage.now += 1;
    await stage.insertOne({ id });
    assert.deepEqual(await stage.tasks.history(id), []);
  }),

  abilityCase('results', 'remove', 'results go with their task', async (stage) => {
    const session = await stage.session();
    const task = await stage.running(session);
    const kept = await stage.running(session);
    for (const { id, lease } of [task, kept]) {
      await stage.apply({ id, guard: { lease }, set: { state: 'completed' }, result: bytes(1) });
    }
    await stage.tasks.remove([task.id], stage.now + HOUR);
    const values = await stage.backend.results?.get([task, kept], stage.now);
    assert.deepEqual(
      values?.map((value) => value?.length),
      [undefined, 1],
    );
  }),

  taskCase('remove', 'a task removed and inserted again starts from nothing', async (stage) => {
    const session = await stage.session();
    const id = 'phoenix';
    await stage.running(session, { id, priority: 5 });
    const set = {
      state: 'failed',
      attempt: 4,
      crashes: 2,
      reason: 'x',
      error: bytes(1),
      finishedAt: stage.now,
    } as const;
    await stage.apply({ id, guard: { states: ['running'] }, set });
    await stage.tasks.remove([id], stage.now);
    stage.now += 1;
    await stage.insertOne({ id });
    const row = await stage.row(id);
    const { state, attempt, crashes, reason, error, finishedAt, startedAt, priority, session: held } = row;
    assert.deepEqual(
      { state, attempt, crashes, reason, error, finishedAt, startedAt, priority, held },
      {
        state: 'waiting',
        attempt: 0,
        crashes: 0,
        reason: null,
        error: null,
        finishedAt: null,
        startedAt: null,
        priority: 0,
        held: null,
      },
    );
  }),
];
