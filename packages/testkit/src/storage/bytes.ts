import assert from 'node:assert/strict';
import type { ConformanceCase } from './case.ts';
import { same, samples } from './samples.ts';
import { abilityCase, taskCase } from './task-case.ts';

export const byteCases: readonly ConformanceCase[] = [
  taskCase(
    'bytes',
    'bytes come back exactly: none, every value, a view of a larger array, a mebibyte',
    async (stage) => {
      const session = await stage.session();
      for (const [n, value] of samples.entries()) {
        const id = `bytes-${n}`;
        const task = await stage.running(session, { id, body: value, spec: value });
        same(task.body, value);
        same(task.spec, value);
        await stage.apply({
          id,
          guard: { lease: task.lease },
          set: { error: value, progress: value, state: 'failed' },
          record: value,
        });
        const { body, spec, error, progress } = await stage.row(id);
        for (const column of [body, spec, error, progress]) same(column, value);
        const [record] = await stage.tasks.history(id);
        same(record?.record ?? null, value);
      }
      const none = await stage.row(await stage.insertOne());
      assert.deepEqual(
        [none.body, none.spec, none.error, none.progress],
        [null, null, null, null],
        'none is not empty',
      );
    },
  ),

  abilityCase('results', 'bytes', 'results come back exactly', async (stage) => {
    const session = await stage.session();
    for (const [n, value] of samples.entries()) {
      const { id, lease } = await stage.running(session, { id: `bytes-${n}` });
      await stage.apply({ id, guard: { lease }, set: { state: 'completed' }, result: value });
      const [result] = (await stage.backend.results?.get([{ id, lease }], stage.now)) ?? [];
      same(result ?? null, value);
    }
  }),

  taskCase('instants', 'the first and the last instant that a date can tell are kept', async (stage) => {
    const session = await stage.session();
    const far = 8_640_000_000_000_000;
    const [last, first] = await stage.insert({ runAt: far, expiresAt: far }, { runAt: -far, holdMs: 2 ** 40 });
    assert.deepEqual(await stage.claimIds(session), [first]);
    const row = await stage.row(last as string);
    assert.deepEqual([row.runAt, row.expiresAt], [far, far]);
    assert.deepEqual(await stage.listIds({ dueAfter: far - 1 }), [last]);
    assert.deepEqual(await stage.listIds({ dueBy: -far }), [first]);
    assert.equal((await stage.row(first as string)).deadlineAt, stage.now + 2 ** 40);
  }),
];
