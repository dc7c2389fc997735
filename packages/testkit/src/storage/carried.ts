import assert from 'node:assert/strict';
import type { Change, NewTask } from '@omniq/core/storage';
import type { ConformanceCase } from './case.ts';
import { bytes, followedBy } from './rows.ts';
import { HOUR, MINUTE, type Stage } from './stage.ts';
import { abilityCase } from './task-case.ts';

export const carriedCases: readonly ConformanceCase[] = [
  abilityCase(
    'results',
    'results with changes',
    'a result commits with its change, under the lease of the run',
    async (stage) => {
      const session = await stage.session();
      const task = await stage.running(session);
      const { id, lease } = task;
      assert.equal(
        (await stage.change({ id, guard: { lease: lease + 1 }, set: {}, result: bytes(9) })).status,
        'stale',
      );
      assert.deepEqual(await resultsOf(stage, { id, lease }, { id, lease: lease + 1 }), [undefined, undefined]);
      await stage.apply({
        id,
        guard: { lease },
        set: { state: 'completed' },
        result: bytes(1, 2),
        resultExpiresAt: null,
      });
      assert.deepEqual(await resultsOf(stage, { id, lease }, { id, lease: lease + 1 }), [[1, 2], undefined]);
      stage.now += 20 * HOUR;
      assert.deepEqual(await resultsOf(stage, { id, lease }), [[1, 2]], 'without an expiry it is kept');
    },
  ),

  abilityCase(
    'results',
    'results with changes',
    'a result that came with its change expires as it said',
    async (stage) => {
      const { id, lease } = await stage.running(await stage.session());
      const resultExpiresAt = stage.now + HOUR;
      await stage.apply({
        id,
        guard: { lease },
        set: { state: 'completed' },
        result: new Uint8Array(0),
        resultExpiresAt,
      });
      stage.now += HOUR - 1;
      assert.deepEqual(await resultsOf(stage, { id, lease }), [[]]);
      stage.now += 1;
      assert.deepEqual(await resultsOf(stage, { id, lease }), [undefined]);
      assert.equal(await stage.backend.results?.sweep(stage.now, 10), 1);
      assert.equal((await stage.row(id)).state, 'completed', 'the task stays');
    },
  ),

  abilityCase(
    'results',
    'results with changes',
    'the result of a run after a redrive stands beside the old one',
    async (stage) => {
      const session = await stage.session();
      const first = await stage.running(session);
      const { id } = first;
      await stage.apply({ id, guard: { lease: first.lease }, set: { state: 'completed' }, result: bytes(1) });
      await stage.redrive(id);
      const [second] = await stage.claim(session);
      assert.ok(second !== undefined);
      await stage.apply({ id, guard: { lease: second.lease }, set: { state: 'completed' }, result: bytes(2) });
      assert.deepEqual(await resultsOf(stage, first, second), [[1], [2]]);
    },
  ),

  abilityCase(
    'then',
    'rows with changes',
    'rows go in with the change that carries them, if it applies',
    async (stage) => {
      const session = await stage.session();
      const { id, lease } = await stage.running(session);
      const [never, next] = [stage.task({ id: 'never' }), stage.task({ id: 'next' })];
      const [stale, missing, applied] = await stage.tasks.update(
        [
          carrying({ id, lease: lease + 1 }, never),
          carrying({ id: 'nobody', lease }, never),
          carrying({ id, lease }, next, stage.task({ id: 'blocked', parents: [{ id: 'next', policy: 'run' }] })),
        ],
        stage.now,
      );
      assert.deepEqual([stale?.status, missing?.status, applied?.status], ['stale', 'missing', 'applied']);
      assert.deepEqual(await stage.listIds({}), [id, 'next', 'blocked']);
      assert.deepEqual(await stage.claimIds(session), ['next']);
    },
  ),

  abilityCase('then', 'rows with changes', 'a row that is known already is not inserted again', async (stage) => {
    const session = await stage.session();
    const known = await stage.insertOne({ id: 'known', priority: 3 });
    await stage.claim(session);
    const task = await stage.running(session);
    const { status } = await stage.change(carrying(task, stage.task({ id: known }), stage.task({ id: 'new' })));
    assert.equal(status, 'applied');
    const row = await stage.row(known);
    assert.deepEqual({ state: row.state, priority: row.priority }, { state: 'running', priority: 3 });
    assert.deepEqual(await stage.claimIds(session), ['new']);
  }),

  abilityCase(
    'then',
    'rows with changes',
    'a row that waits for what does not exist is left out, and no change is undone by it',
    async (stage) => {
      const session = await stage.session();
      const [one, two] = [await stage.running(session), await stage.running(session)];
      const late = stage.task({ id: 'late', admitBy: stage.now - MINUTE });
      const after = (id: string, parent: string): NewTask =>
        stage.task({ id, parents: [{ id: parent, policy: 'run' }] });
      const outcomes = await stage.tasks.update(
        [
          carrying(one, after('a', 'nobody'), late, after('b', 'late'), after('c', 'b'), after('d', one.id)),
          carrying(two, after('e', 'd'), after('f', 'f')),
        ],
        stage.now,
      );
      assert.deepEqual(outcomes, [{ status: 'applied', dependents: true }, { status: 'applied' }]);
      assert.deepEqual(await stage.listIds({}), [one.id, two.id, 'd', 'e']);
      const { items } = await stage.tasks.edges({ limit: 9 });
      assert.deepEqual(
        items.map(({ child, parent }) => [child, parent]),
        [
          ['d', one.id],
          ['e', 'd'],
        ],
      );
    },
  ),
];

function carrying({ id, lease }: { id: string; lease: number }, ...rows: readonly NewTask[]): Change {
  return followedBy({ id, guard: { lease }, set: { state: 'completed' } }, ...rows);
}

async function resultsOf(
  stage: Stage,
  ...keys: readonly { id: string; lease: number }[]
): Promise<(number[] | undefined)[]> {
  const { results } = stage.backend;
  assert.ok(results !== undefined, 'a store that keeps results with changes offers them');
  return (await results.get(keys, stage.now)).map((value) => (value === undefined ? undefined : [...value]));
}
