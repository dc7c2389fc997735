import { expect, test } from 'vitest';
import { isOmniQError } from '@omniq/core/storage';
import { claimRequest, openSession, serverForTests, tasksOf } from './server.ts';

const { server, open } = await serverForTests({ fsync: 'on' });

/** Makes the call until the server lets in, as the layers of the core do. */
async function persistently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      // The processes of the killed server may hold its memory for a moment yet.
      if (error instanceof Error && isOmniQError(error) && error.code !== 'STORE_UNREACHABLE') throw error;
    }
  }
}

test('what was acknowledged outlives a killed server: tasks, who runs them under which lease, ends and results', async () => {
  const { backend, tasks, now } = await open({ notify: false });
  const session = await openSession(tasks, 'w', now);
  await tasks.insert(tasksOf(3, now), now);
  const [ends, runs] = await tasks.claim(claimRequest(session, 1, now, 2));
  if (ends === undefined || runs === undefined) throw new Error('no tasks');
  const completed = { state: 'completed', finishedAt: now } as const;
  const end = { id: ends.id, guard: { lease: ends.lease }, set: completed, result: Uint8Array.of(7) };
  expect(await tasks.update([end], now)).toEqual([{ status: 'applied' }]);
  await server.kill();
  await persistently(() => server.start());
  const rows = await persistently(() => tasks.get(['task-0', 'task-1', 'task-2']));
  expect(rows.map((row) => [row?.state, row?.lease])).toEqual([
    ['completed', ends.lease],
    ['running', runs.lease],
    ['waiting', 0],
  ]);
  expect((await backend.results?.get([ends], now))?.[0]?.[0]).toBe(7);
  expect(await tasks.beat(session, now)).toMatchObject({ live: true, leases: 1 });
  const late = { id: runs.id, guard: { lease: runs.lease }, set: completed };
  expect(await tasks.update([late], now)).toEqual([{ status: 'applied' }]);
});
