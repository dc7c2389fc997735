import assert from 'node:assert/strict';
import { isOmniQError, type Change, type InsertOutcome, type TaskStore } from '@omniq/core/storage';
import type { ConformanceCase } from './case.ts';
import { HOUR } from './stage.ts';
import { taskCase } from './task-case.ts';

const EIGHT = 8;

export const edgeRaceCases: readonly ConformanceCase[] = [
  taskCase('races', 'one edge released by eight at once is taken off once', async (stage) => {
    const parents = await stage.insert(...Array.from({ length: 3 }, () => ({ queue: 'parents' })));
    const child = await stage.insertOne({ parents: parents.map((id) => ({ id, policy: 'run' })) });
    const rivals = await stage.rivals(EIGHT);
    for (const [n, edge] of parents.entries()) {
      const outcomes = await Promise.all(
        rivals.map((store) => store.update([{ id: child, guard: { edge }, set: {} }], stage.now)),
      );
      assert.equal(outcomes.filter(([outcome]) => outcome?.status === 'applied').length, 1);
      assert.equal((await stage.row(child)).waitsFor, parents.length - n - 1);
    }
    assert.deepEqual(await stage.claimIds(await stage.session()), [child]);
  }),

  taskCase(
    'races',
    'different edges of one child released at once leave it neither blocked nor claimed early',
    async (stage) => {
      const session = await stage.session();
      const rivals = await stage.rivals(EIGHT);
      for (let round = 0; round < 5; round += 1) {
        const parents = await stage.insert(...rivals.map(() => ({ queue: 'parents' })));
        const child = await stage.insertOne({ parents: parents.map((id) => ({ id, policy: 'run' })) });
        await Promise.all(
          rivals.map((store, n) =>
            store.update([{ id: child, guard: { edge: parents[n] as string }, set: {} }], stage.now),
          ),
        );
        assert.deepEqual(await stage.claimIds(session), [child]);
      }
    },
  ),

  taskCase('races', 'a child inserted while its parent ends: one of the two is told of the other', async (stage) => {
    const session = await stage.session();
    const [mine, theirs] = (await stage.rivals(2)) as [TaskStore, TaskStore];
    for (let round = 0; round < 30; round += 1) {
      const { id, lease } = await stage.running(session, { queue: 'parents' });
      const child = stage.task({ parents: [{ id, policy: 'run' }] });
      const end: Change = { id, guard: { lease }, set: { state: 'completed', finishedAt: stage.now } };
      const early = round % 2 === 0 ? mine.insert([child], stage.now) : undefined;
      const update = theirs.update([end], stage.now);
      const [inserted] = await (early ?? mine.insert([child], stage.now));
      const [ended] = await update;
      const told = (inserted?.status === 'inserted' && inserted.settled) || ended?.dependents === true;
      assert.ok(told, 'else the child is blocked until somebody sweeps');
    }
  }),

  taskCase(
    'races',
    'a child inserted while its parent is removed: it is refused, or the parent stays',
    async (stage) => {
      const session = await stage.session();
      const [mine, theirs] = (await stage.rivals(2)) as [TaskStore, TaskStore];
      for (let round = 0; round < 30; round += 1) {
        const parent = await stage.running(session, { queue: 'parents' });
        await stage.finish(parent);
        const child = stage.task({ parents: [{ id: parent.id, policy: 'run' }] });
        const insert = (): Promise<readonly InsertOutcome[] | null> => mine.insert([child], stage.now).catch(orUnknown);
        const early = round % 2 === 0 ? insert() : undefined;
        const removal = theirs.remove([parent.id], stage.now + HOUR);
        const inserted = await (early ?? insert());
        assert.equal(await removal, inserted === null ? 1 : 0);
        const rows = await stage.tasks.get([parent.id, child.id]);
        assert.deepEqual(
          rows.map((row) => row !== undefined),
          inserted === null ? [false, false] : [true, true],
        );
      }
    },
  ),
];

function orUnknown(error: unknown): null {
  assert.ok(isOmniQError(error, 'PARENT_UNKNOWN'));
  return null;
}
