import assert from 'node:assert/strict';
import type { Backend } from '@omniq/core/storage';
import { rejectsWith } from './abilities.ts';
import type { ConformanceCase } from './case.ts';
import { bytes, newEvent, newSchedule } from './rows.ts';
import { taskCase } from './task-case.ts';

export const closeCases: readonly ConformanceCase[] = [
  taskCase('close', 'closing twice is a no-op, and a closed store says so', async (stage) => {
    const { backend, tasks, now } = stage;
    const id = await stage.insertOne();
    const session = await stage.session();
    await backend.close();
    await backend.close();
    await tasks.close();
    const verbs: readonly (() => Promise<unknown>)[] = [
      () => stage.offer(stage.task()),
      () => stage.claim(session),
      () => tasks.update([{ id, guard: { states: ['waiting'] }, set: {} }], now),
      () => tasks.get([id]),
      () => tasks.list({ limit: 1 }),
      () => tasks.count(now),
      () => tasks.remove([id], now),
      () => tasks.edges({ limit: 1 }),
      () => tasks.history(id),
      () => stage.session('late'),
      () => tasks.beat(session, now),
      () => tasks.sessions(),
      () => tasks.end(session),
      () => tasks.queues(),
      () => tasks.configure('a', { paused: true }),
      ...(tasks.swap === undefined ? [] : [() => stage.tasks.swap?.([], stage.request(session)) ?? Promise.resolve()]),
      ...(tasks.nextDue === undefined ? [] : [() => stage.tasks.nextDue?.([], now) ?? Promise.resolve()]),
      ...otherVerbs(backend),
    ];
    for (const verb of verbs) await rejectsWith('STORE_CLOSED', verb);
  }),

  taskCase('close', 'what a durable store took is there when it is opened again', async (stage) => {
    const { again } = stage.backend;
    const id = await stage.insertOne({ body: bytes(1, 2, 3) });
    await stage.tasks.configure('default', { paused: true });
    if (again === undefined || !stage.tasks.capabilities.durable) return;
    await stage.backend.close();
    const { tasks } = await again();
    const [row] = (await tasks?.get([id])) ?? [];
    assert.deepEqual([...(row?.body ?? [])], [1, 2, 3]);
    assert.equal((await tasks?.queues())?.[0]?.paused, true);
  }),

  taskCase('close', 'a fresh backend is empty', async (stage) => {
    assert.deepEqual(await stage.listIds({}), []);
    assert.deepEqual(await stage.tasks.count(stage.now), []);
    assert.deepEqual(await stage.tasks.sessions(), []);
    assert.deepEqual(await stage.tasks.queues(), []);
    assert.deepEqual((await stage.tasks.edges({ limit: 1 })).items, []);
  }),
];

function otherVerbs({ results, events, schedules, records }: Backend): (() => Promise<unknown>)[] {
  return [
    ...(results === undefined ? [] : [() => results.get([{ id: 'a', lease: 1 }], 0), () => results.sweep(0, 1)]),
    ...(events === undefined
      ? []
      : [() => events.append([newEvent({ id: 'a', at: 1 })]), () => events.query({ limit: 1 })]),
    ...(schedules === undefined
      ? []
      : [() => schedules.put(newSchedule({ id: 'a' }), null), () => schedules.list({ limit: 1 })]),
    ...(records === undefined ? [] : [() => records.get('a'), () => records.put('a', bytes(1))]),
  ];
}
