import { expect, test } from 'vitest';
import { newTask } from '@omniq/testkit/storage';
import { claimRequest, openSession, serverForTests } from './server.ts';

const { server, open } = await serverForTests({ fsync: 'on' });

test('hazard 1: a lease is larger than any before, also after a crash of the server and for an id that came back', async () => {
  const { tasks, now } = await open();
  const leases: number[] = [];
  const lease = async (session: string): Promise<void> => {
    await tasks.insert([newTask({ id: 'same', runAt: now })], now);
    await openSession(tasks, session, now);
    const [task] = await tasks.claim(claimRequest(session, 1, now));
    leases.push(task?.lease ?? 0);
    const guard = { lease: task?.lease ?? 0 };
    await tasks.update([{ id: 'same', guard, set: { state: 'completed', finishedAt: now } }], now);
    expect(await tasks.remove(['same'], now - 1)).toBe(1);
  };
  await lease('before');
  await server.kill();
  // The processes of the killed server may hold its memory for a moment yet.
  while (
    await server.start().then(
      () => false,
      () => true,
    )
  )
    continue;
  // The pool finds out at its first use that its connections are gone.
  while (
    await tasks.count(now).then(
      () => false,
      () => true,
    )
  )
    continue;
  await lease('after');
  expect(leases[1]).toBeGreaterThan(leases[0] ?? 0);
  expect(leases[0]).toBeGreaterThan(1e15);
});
