import assert from 'node:assert/strict';
import type { ConformanceCase } from './case.ts';
import { taskCase } from './task-case.ts';

export const pauseCases: readonly ConformanceCase[] = [
  taskCase('pause', 'a paused queue is passed over until it is resumed', async (stage) => {
    const session = await stage.session();
    const [a, b] = await stage.insert({ queue: 'a' }, { queue: 'b' });
    await stage.tasks.configure('a', { paused: true });
    assert.deepEqual(await stage.claimIds(session, { queues: ['a', 'b'] }), [b]);
    const later = await stage.insertOne({ queue: 'a' });
    assert.deepEqual(await stage.claimIds(session, { queues: ['a', 'b'] }), []);
    await stage.tasks.configure('a', { paused: false });
    assert.deepEqual(await stage.claimIds(session, { queues: ['a', 'b'] }), [a, later]);
  }),

  taskCase('pause', 'a queue can be paused before it has any task', async (stage) => {
    const session = await stage.session();
    await stage.tasks.configure('later', { paused: true });
    await stage.insert({ queue: 'later' });
    assert.deepEqual(await stage.claimIds(session, { queues: ['later'] }), []);
  }),

  taskCase('pause', 'what runs when its queue is paused goes on to its end', async (stage) => {
    const task = await stage.running(await stage.session());
    await stage.tasks.configure('default', { paused: true });
    await stage.finish(task);
    assert.equal((await stage.row(task.id)).state, 'completed');
  }),
];
