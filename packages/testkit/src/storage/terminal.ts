import assert from 'node:assert/strict';
import type { StoredState } from '@omniq/core/storage';
import type { ConformanceCase } from './case.ts';
import { text } from './rows.ts';
import { taskCase } from './task-case.ts';

const terminal: readonly StoredState[] = ['completed', 'failed', 'cancelled', 'expired'];

export const terminalCases: readonly ConformanceCase[] = [
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
