import { expect, test } from 'vitest';
import type { ResultStore } from '@omniq/core/storage';
import { newTask } from '@omniq/testkit/storage';
import { claimRequest, openSession, serverForTests } from './server.ts';

const { open } = await serverForTests();

test('the result of the run that ended a task stays when those of earlier runs are cleared away', async () => {
  const { backend, tasks, now } = await open({ notify: false });
  const results = backend.results as ResultStore;
  const session = await openSession(tasks, 'w', now);
  await tasks.insert([newTask({ id: 'a', runAt: now })], now);
  const leases: number[] = [];
  for (const request of [1, 2]) {
    const [task] = await tasks.claim(claimRequest(session, request, now));
    leases.push(task?.lease ?? 0);
    const guard = { lease: leases.at(-1) ?? 0 };
    await tasks.update([{ id: 'a', guard, set: { state: 'completed' }, result: Uint8Array.of(request) }], now);
    if (request === 1)
      await tasks.update([{ id: 'a', guard: { states: ['completed'] }, set: { state: 'waiting' } }], now);
  }
  const read = async (): Promise<(number | undefined)[]> => {
    const keys = leases.map((lease) => ({ id: 'a', lease }));
    return (await results.get(keys, now)).map((value) => value?.[0]);
  };
  const [, last = 0] = leases;
  await results.remove([{ id: 'a', below: last }]);
  expect(await read()).toEqual([undefined, 2]);
  await results.remove([{ id: 'a', below: last + 1 }]);
  expect(await read()).toEqual([undefined, undefined]);
});
