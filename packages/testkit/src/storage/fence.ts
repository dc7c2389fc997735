import assert from 'node:assert/strict';
import type { ConformanceCase } from './case.ts';
import { bytes, text } from './rows.ts';
import { taskCase } from './task-case.ts';

export const fenceCases: readonly ConformanceCase[] = [
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
];
