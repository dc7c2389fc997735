import { afterAll, expect, test } from 'vitest';
import type { Change, ClaimedTask, ResultStore, TaskStore } from '@omniq/core/storage';
import { startRedis } from '@omniq/testkit/servers';
import { Redis } from 'ioredis';
import { claimRequest, openSession, openTasks, tasksOf } from './stores.ts';

const server = await startRedis();
const admin = new Redis(server.url);

afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

const COUNT = 30;

async function opened(namespace: string): Promise<{ tasks: TaskStore; results: ResultStore; now: number }> {
  const { backend, tasks, now } = await openTasks({ url: server.url, namespace });
  await openSession(tasks, 's', now);
  return { tasks, results: backend.results as ResultStore, now };
}

/** `at` tasks in each insert: few are kept each for itself, many as a batch. */
async function insert(tasks: TaskStore, now: number, at: number): Promise<void> {
  const rows = tasksOf(COUNT, now).map((row, n) => ({ ...row, body: Buffer.from(`body ${n}`), name: `name ${n % 3}` }));
  for (let from = 0; from < COUNT; from += at) {
    // oxlint-disable-next-line no-await-in-loop -- in order
    await tasks.insert(rows.slice(from, from + at), now);
  }
}

function completed({ id, lease }: ClaimedTask, now: number): Change {
  const set = { state: 'completed', attempt: 1, startedAt: now, finishedAt: now + 1 } as const;
  return { id, guard: { lease }, set, result: Buffer.from(`result of ${id}`), resultExpiresAt: null };
}

/** What can be seen, but for what differs from run to run. */
async function seen(tasks: TaskStore, now: number, known: ReadonlyMap<number, number>): Promise<unknown> {
  const all: unknown[] = [];
  for (const order of ['oldest', 'newest'] as const) {
    let after: string | undefined;
    do {
      // oxlint-disable-next-line no-await-in-loop -- page by page
      const page = await tasks.list({ order, limit: 7, ...(after === undefined ? {} : { after }) });
      for (const { lease, body, ...row } of page.items) {
        all.push({ ...row, lease: known.get(lease) ?? lease, body: String(body) });
      }
      after = page.next;
    } while (after !== undefined);
  }
  const running = await tasks.list({ states: ['running'], session: 's', deadlineBy: now + 1e9, limit: 100 });
  const ended = await tasks.list({ states: ['completed', 'cancelled'], finishedBy: now + 1, limit: 100 });
  const named = await tasks.list({ names: ['name 1'], limit: 100 });
  const ids = [running, ended, named].map(({ items }) => items.map(({ id }) => id));
  const counts = (await tasks.count(now)).toSorted((a, b) => (a.state < b.state ? -1 : 1));
  return { all, ids, counts, leases: (await tasks.sessions()).map(({ leases }) => leases) };
}

/** A life of many tasks, in parts of what came together, with looks at everything in between. */
async function played(at: number, now: number): Promise<unknown[]> {
  const { tasks, results } = await opened(`batches ${at}`);
  const looks: unknown[] = [];
  const known = new Map<number, number>();
  const look = async (): Promise<void> => void looks.push(await seen(tasks, now, known));
  const claim = async (request: number, limit: number): Promise<readonly ClaimedTask[]> => {
    const claimed = await tasks.claim({ ...claimRequest('s', request, now, limit), start: 3 });
    for (const { lease } of claimed) known.set(lease, known.size + 1);
    looks.push(claimed.map(({ lease, body, ...row }) => ({ ...row, body: String(body), isLease: lease > 0 })));
    return claimed;
  };
  await insert(tasks, now, at);
  const waiting = (n: number, set: Change['set']): Change => ({ id: `task-${n}`, guard: { states: ['waiting'] }, set });
  // From the midst, the end and the beginning of what waits.
  looks.push(
    await tasks.update(
      [
        waiting(9, { state: 'cancelled', finishedAt: now }),
        waiting(29, { priority: 5 }),
        waiting(0, { runAt: now + 10 }),
        waiting(1, { cancelRequested: true }),
        waiting(12, { expiresAt: now }),
      ],
      now,
    ),
  );
  await look();
  const first = await claim(1, 8);
  const second = await claim(2, 11);
  await look();
  looks.push((await tasks.claim({ ...claimRequest('s', 2, now, 11), start: 3 })).map(({ id }) => id));
  const [back, retried, ...others] = second as [ClaimedTask, ClaimedTask, ...ClaimedTask[]];
  const wrong = { ...completed(first[3] as ClaimedTask, now), guard: { lease: 1 } };
  looks.push(
    await tasks.update(
      [wrong, ...first.map((task) => completed(task, now)), ...others.map((task) => completed(task, now))],
      now,
    ),
    await tasks.update(
      [
        { id: back.id, guard: { lease: back.lease }, set: { state: 'waiting', startedAt: null } },
        {
          id: retried.id,
          guard: { lease: retried.lease },
          set: { state: 'waiting', runAt: now + 5, error: Buffer.from('e') },
        },
        completed(first[0] as ClaimedTask, now),
      ],
      now,
    ),
  );
  await look();
  const [again] = first.slice(4) as [ClaimedTask];
  await tasks.update(
    [{ id: again.id, guard: { states: ['completed'] }, set: { state: 'waiting', finishedAt: null } }],
    now,
  );
  const third = await claim(3, 100);
  await results.put([{ id: first[2]?.id ?? '', lease: 3, expiresAt: null, value: Buffer.from('late') }]);
  await tasks.update(
    third.map((task) => completed(task, now)),
    now,
  );
  const keys = [...first, ...second, ...third, { id: first[2]?.id ?? '', lease: 3 }];
  const kept = async (): Promise<unknown> => (await results.get(keys, now)).map((value) => value && String(value));
  looks.push(await kept());
  await results.remove([
    { id: first[1]?.id ?? '' },
    { id: again.id, below: third.find(({ id }) => id === again.id)?.lease ?? 0 },
  ]);
  looks.push(await kept());
  await look();
  const ids = Array.from({ length: COUNT }, (_, n) => `task-${n}`);
  looks.push(await tasks.remove(ids.slice(3), now + 1_000), await kept());
  await look();
  looks.push(await tasks.insert(tasksOf(COUNT, now), now), await tasks.remove(ids, now - 1));
  await tasks.insert(tasksOf(COUNT, now), now);
  await look();
  return looks;
}

test('tasks that are kept together are seen, claimed, changed, ended and removed as any others', async () => {
  const now = Date.now() - 60_000;
  const [together, alone] = await Promise.all([COUNT, 3].map((at) => played(at, now)));
  expect(together).toEqual(alone);
  expect(await admin.hlen('{batches 30}:batches')).toBe(1);
  expect(await admin.exists('{batches 3}:batches')).toBe(0);
  // Nothing runs any more.
  expect(await admin.exists('{batches 30}:batch-claims', '{batches 30}:running-batches')).toBe(0);
});

test('a batch goes with its last task, and the few that are kept longer do not keep it', async () => {
  const { tasks, results, now } = await opened('leaving');
  await insert(tasks, now, COUNT);
  const claimed = await tasks.claim(claimRequest('s', 1, now));
  await tasks.update(
    claimed.map((task) => completed(task, now)),
    now,
  );
  const ids = claimed.map(({ id }) => id);
  const sizes = (): Promise<number[]> =>
    Promise.all(['batches', 'bodies', 'tasks'].map((key) => admin.hlen(`{leaving}:${key}`)));
  expect(await tasks.remove(ids.slice(0, 20), now - 1)).toBe(20);
  expect(await sizes()).toEqual([1, 0, 30]);
  // With an insert those are forgotten whose time is over: their ids may come again, in another batch.
  await tasks.insert(tasksOf(1, now, 'other'), now);
  const others = ['other-0', ...ids.slice(0, 5)];
  await tasks.insert(tasksOf(5, now), now);
  expect(await admin.hlen('{leaving}:batches')).toBe(2);
  expect((await tasks.list({ limit: 100 })).items.map(({ id }) => id)).toEqual([...ids.slice(20), ...others]);
  await tasks.update(
    others.map((id): Change => ({ id, guard: { states: ['waiting'] }, set: { state: 'cancelled', finishedAt: now } })),
    now,
  );
  expect(await tasks.remove(others, now - 1)).toBe(6);
  expect(await tasks.remove(ids.slice(20, 27), now - 1)).toBe(7);
  expect(await sizes()).toEqual([0, 3, 16]);
  const left = (await tasks.list({ limit: 100 })).items;
  expect(left.map(({ id, body, state }) => [id, String(body), state])).toEqual([
    ['task-27', 'body 27', 'completed'],
    ['task-28', 'body 28', 'completed'],
    ['task-29', 'body 29', 'completed'],
  ]);
  expect(String((await results.get([claimed[28] as ClaimedTask], now))[0])).toBe('result of task-28');
  expect((await tasks.list({ states: ['completed'], finishedBy: now + 1, limit: 100 })).items).toEqual(left);
  expect(await tasks.remove(ids, now - 1)).toBe(3);
  await tasks.insert(tasksOf(1, now, 'new'), now);
  const keys = (await admin.keys('{leaving}:*')).map((key) => key.slice('{leaving}:'.length)).toSorted();
  expect(keys).toEqual(
    expect.not.arrayContaining(['batches', 'batch-gone', 'batch-claims', 'ended-batches', 'results']),
  );
  expect(await admin.hlen('{leaving}:tasks')).toBe(1);
});

test('what does not fit into a batch goes in all the same, or none of it', async () => {
  const { tasks, now } = await opened('fitting');
  const rows = tasksOf(20, now);
  const outcomes = await tasks.insert([...rows, ...rows.slice(0, 1)], now);
  expect(outcomes.map(({ status }) => status)).toEqual([...rows.map(() => 'inserted'), 'exists']);
  const late = tasksOf(10, now, 'late').map((row, n) => (n === 4 ? { ...row, admitBy: now - 1 } : row));
  expect((await tasks.insert(late, now)).filter(({ status }) => status === 'late')).toHaveLength(1);
  const large = tasksOf(12, now, 'large').map((row) => ({ ...row, body: Buffer.alloc(9_000, 1) }));
  await tasks.insert(large, now);
  const many = tasksOf(450, now, 'many');
  await tasks.insert(many, now);
  const claimed = await tasks.claim(claimRequest('s', 1, now, 1_000));
  expect(claimed.map(({ id }) => id)).toEqual(
    [...rows, ...late.filter((_, n) => n !== 4), ...large, ...many].map(({ id }) => id),
  );
  expect(new Set(claimed.map(({ lease }) => lease)).size).toBe(claimed.length);
  expect(await admin.hlen('{fitting}:batches')).toBe(5);
});
