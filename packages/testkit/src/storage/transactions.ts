import assert from 'node:assert/strict';
import { isOmniQError, type Change, type TransactionStore } from '@omniq/core/storage';
import { rejectsWith } from './abilities.ts';
import type { ConformanceCase, UserTransaction } from './case.ts';
import { bytes } from './rows.ts';
import type { Stage } from './stage.ts';
import { abilityCase } from './task-case.ts';

export const transactionCases: readonly ConformanceCase[] = [
  transactionCase('an insert is seen after the commit, and not before', async (stage) => {
    const { store, commit } = await begin(stage);
    const row = stage.task({ body: bytes(1, 2, 3) });
    assert.deepEqual(await store.insert([row], stage.now), [{ status: 'inserted', settled: false }]);
    assert.deepEqual(await stage.tasks.get([row.id]), [undefined], 'nobody else sees it yet');
    await commit();
    const [claimed] = await stage.claim(await stage.session());
    assert.deepEqual([...(claimed?.body ?? [])], [1, 2, 3]);
  }),

  transactionCase('a rollback leaves nothing, and the id is free', async (stage) => {
    const { store, rollback } = await begin(stage);
    const row = stage.task({ unique: { key: 'once', until: null } });
    await store.insert([row, stage.task()], stage.now);
    await rollback();
    assert.deepEqual(await stage.tasks.get([row.id]), [undefined]);
    assert.deepEqual(await stage.tasks.count(stage.now), []);
    assert.deepEqual(await stage.offer(row), [{ status: 'inserted', settled: false }]);
  }),

  transactionCase('outcomes are those of any insert', async (stage) => {
    const ids = await stage.insert({}, { unique: { key: 'held', until: null } });
    const [parent, holder] = ids as [string, string];
    const { store, commit } = await begin(stage);
    const child = stage.task({ parents: [{ id: parent, policy: 'cancel' }] });
    const outcomes = await store.insert(
      [
        stage.task({ id: parent }),
        stage.task({ unique: { key: 'held', until: null } }),
        stage.task({ admitBy: stage.now - 1 }),
        child,
      ],
      stage.now,
    );
    await commit();
    const fresh = { status: 'inserted', settled: false };
    assert.deepEqual(outcomes, [{ status: 'exists' }, { status: 'taken', holder }, { status: 'late' }, fresh]);
    assert.equal((await stage.row(child.id)).state, 'blocked');
  }),

  transactionCase('a completion is seen after the commit, and not before', async (stage) => {
    const task = await stage.running(await stage.session());
    const { store, commit } = await begin(stage);
    await store.complete(completion(stage, task), stage.now);
    assert.equal((await stage.row(task.id)).state, 'running');
    await commit();
    const { state, lease, finishedAt } = await stage.row(task.id);
    assert.deepEqual({ state, lease, finishedAt }, { state: 'completed', lease: task.lease, finishedAt: stage.now });
  }),

  transactionCase('a completion that is rolled back leaves the task running under its lease', async (stage) => {
    const task = await stage.running(await stage.session());
    const { store, rollback } = await begin(stage);
    await store.complete(completion(stage, task), stage.now);
    await rollback();
    assert.equal((await stage.row(task.id)).state, 'running');
    await stage.finish(task, 'failed');
    assert.equal((await stage.row(task.id)).state, 'failed');
  }),

  transactionCase('a completion carries its result', async (stage) => {
    if (!stage.tasks.capabilities.results) return;
    const task = await stage.running(await stage.session());
    const { store, commit } = await begin(stage);
    await store.complete({ ...completion(stage, task), result: bytes(9), resultExpiresAt: null }, stage.now);
    await commit();
    const [value] = (await stage.backend.results?.get([task], stage.now)) ?? [];
    assert.deepEqual([...(value ?? [])], [9]);
  }),

  transactionCase('a refused completion takes the whole transaction with it', async (stage) => {
    const task = await stage.running(await stage.session());
    await stage.apply({ id: task.id, guard: { lease: task.lease }, set: { state: 'waiting' } });
    const { store, commit } = await begin(stage);
    const row = stage.task();
    await store.insert([row], stage.now);
    await rejectsWith('LEASE_LOST', () => store.complete(completion(stage, task), stage.now));
    await commit().catch(() => {});
    assert.deepEqual(await stage.tasks.get([row.id]), [undefined], 'nothing of it can be committed');
    assert.equal((await stage.row(task.id)).state, 'waiting');
  }),

  transactionCase('a change that meets an open completion finds the task completed', async (stage) => {
    const task = await stage.running(await stage.session());
    const { store, commit } = await begin(stage);
    await store.complete(completion(stage, task), stage.now);
    const failure = { id: task.id, guard: { lease: task.lease }, set: { state: 'failed' } } as const;
    // A store may let it wait for the commit, or tell it to come again.
    const meeting = stage.change(failure).catch((error: unknown) => assert.ok(isOmniQError(error, 'STORE_BUSY')));
    await commit();
    const outcome = (await meeting) ?? (await stage.change(failure));
    assert.equal(outcome.status, 'stale');
    assert.equal((await stage.row(task.id)).state, 'completed');
  }),

  transactionCase('what is no transaction is refused', async (stage) => {
    for (const given of [undefined, null, 'begin', {}, { query: 1 }, stage.tasks]) {
      const insert = async (): Promise<unknown> => stage.tasks.within?.(given).insert([stage.task()], stage.now);
      await rejectsWith('INVALID_OPTION', insert);
    }
    assert.deepEqual(await stage.tasks.count(stage.now), []);
  }),
];

function transactionCase(title: string, body: (stage: Stage) => Promise<void>): ConformanceCase {
  return abilityCase('transactions', 'transactions', title, body);
}

async function begin(stage: Stage): Promise<UserTransaction & { readonly store: TransactionStore }> {
  const transaction = await stage.backend.begin?.();
  assert.ok(transaction !== undefined, 'the suite of a store with transactions is given `begin`');
  const store = stage.tasks.within?.(transaction.transaction);
  assert.ok(store !== undefined, 'a store with transactions has `within`');
  return { ...transaction, store };
}

function completion(stage: Stage, { id, lease }: { readonly id: string; readonly lease: number }): Change {
  return { id, guard: { lease }, set: { state: 'completed', finishedAt: stage.now, attempt: 1 } };
}
