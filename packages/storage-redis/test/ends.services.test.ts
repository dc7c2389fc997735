import { afterAll, expect, test } from 'vitest';
import type { Change, NewTask, TaskStore } from '@omniq/core/storage';
import { redis } from '@omniq/storage-redis';
import { startRedis } from '@omniq/testkit/servers';
import { newTask } from '@omniq/testkit/storage';
import { claimRequest, openSession } from './stores.ts';

const server = await startRedis();

afterAll(() => server.stop());

const rows: Readonly<Record<string, Partial<NewTask>>> = {
  plain: {},
  expiring: { expiresAt: 8e15 },
  unique: { unique: { key: 'k', until: null } },
  ordered: { orderKey: 'o' },
  orderedNext: { orderKey: 'o' },
  asked: {},
  parent: {},
  twice: {},
  wrong: {},
  withResult: {},
  withLasting: {},
  elsewhere: { queue: 'other' },
  long: { queue: 'q'.repeat(120), name: 'n'.repeat(120) },
};

/** Everything that can be seen of a namespace in which these tasks were claimed and ended. */
async function played(isPlain: boolean, now: number): Promise<unknown> {
  const namespace = `ends ${isPlain}`;
  const { tasks, results, close } = (await redis({ url: server.url, namespace })) as never as {
    tasks: TaskStore;
    results: NonNullable<Awaited<ReturnType<typeof redis>>['results']>;
    close: () => Promise<void>;
  };
  const all = Object.entries(rows).map(([id, given]) => newTask({ id, runAt: now, admitBy: now + 900_000, ...given }));
  await tasks.insert(all, now);
  await tasks.insert([newTask({ id: 'child', runAt: now, parents: [{ id: 'parent', policy: 'run' }] })], now);
  await openSession(tasks, 's', now);
  const queues = ['default', 'other', 'q'.repeat(120)];
  const claimed = await tasks.claim({ ...claimRequest('s', 1, now), queues });
  const leases = new Map(claimed.map(({ id, lease }) => [id, lease]));
  await tasks.update([{ id: 'asked', guard: { states: ['running'] }, set: { cancelRequested: true } }], now);
  const ends = Object.keys(rows).flatMap((id): Change[] => {
    const lease = (leases.get(id) ?? 7) + (id === 'wrong' ? 1 : 0);
    const set = { state: 'completed' as const, attempt: 1, startedAt: now + 1, finishedAt: now + 5 };
    const result = id.startsWith('with')
      ? { result: Buffer.from(id), resultExpiresAt: id === 'withResult' ? null : now + 9 }
      : {};
    // A record makes it a change of the general form.
    const change: Change = { id, guard: { lease }, set, ...result, ...(isPlain ? {} : { record: Buffer.from('r') }) };
    return id === 'twice' ? [change, change] : [change];
  });
  const outcomes = await tasks.update(ends, now);
  const seen = (await tasks.list({ limit: 100 })).items.map((row) => ({
    ...row,
    lease: leases.get(row.id) === row.lease,
  }));
  const ended = (await tasks.list({ states: ['completed'], finishedBy: now + 5, limit: 100 })).items.map(
    ({ id }) => id,
  );
  const counts = (await tasks.count(now)).toSorted((a, b) =>
    `${a.queue} ${a.state}` < `${b.queue} ${b.state}` ? -1 : 1,
  );
  const [session] = await tasks.sessions();
  const again = await tasks.insert([newTask({ id: 'new', runAt: now, unique: { key: 'k', until: null } })], now);
  const kept = await results.get(
    claimed.map(({ id, lease }) => ({ id, lease })),
    now,
  );
  const next = (await tasks.claim(claimRequest('s', 2, now))).map(({ id }) => id);
  await close();
  return { outcomes, seen, ended, counts, session, again, kept: kept.map((value) => value && String(value)), next };
}

test('an end that is patched into its row does what a change of the general form does', async () => {
  const now = Date.now() - 60_000;
  const general = (await played(false, now)) as { outcomes: { status: string }[]; next: string[] };
  expect(await played(true, now)).toEqual(general);
  expect(general.outcomes.map(({ status }) => status).filter((status) => status === 'applied')).toHaveLength(11);
  expect(general.next).toContain('orderedNext');
});
