import { Redis } from 'ioredis';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { Backend, Change, TaskStore } from '@omniq/core/storage';
import { startRedis, startRedisCluster } from '@omniq/testkit/servers';
import { newTask } from '@omniq/testkit/storage';
import { keyNames } from '../src/lua/script.ts';
import { claimRequest, openSession, openTasks, persistently, tasksOf } from './stores.ts';

const server = await startRedis();
const admin = new Redis(server.url);
const open: Backend[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

let namespaces = 0;

async function fleet(
  count: number,
  url = server.url,
  cluster = false,
): Promise<{ stores: TaskStore[]; now: number; namespace: string }> {
  namespaces += 1;
  const namespace = `hazards ${namespaces}`;
  const opened = await Promise.all(Array.from({ length: count }, () => openTasks({ url, namespace, cluster })));
  open.push(...opened.map(({ backend }) => backend));
  return { stores: opened.map(({ tasks }) => tasks), now: opened[0]?.now ?? 0, namespace };
}

function end(id: string, lease: number, now: number): Change {
  return { id, guard: { lease }, set: { state: 'completed', attempt: 1, startedAt: now, finishedAt: now } };
}

test('no lease repeats, even after a crash in which the server forgot everything', async () => {
  const forgetful = await startRedis({ settings: { appendonly: 'no', save: '' } });
  try {
    const { stores, now } = await fleet(1, forgetful.url);
    const [tasks] = stores as [TaskStore];
    const play = async (): Promise<number> => {
      await persistently(() => tasks.insert(tasksOf(1, now, 'same'), now));
      await openSession(tasks, 's', now);
      return (await tasks.claim(claimRequest('s', 1, now)))[0]?.lease ?? 0;
    };
    const zombie = await play();
    await forgetful.kill();
    await forgetful.start();
    expect(await play()).toBeGreaterThan(zombie);
    const [outcome] = await tasks.update([end('same-0', zombie, now)], now);
    expect(outcome?.status).toBe('stale');
  } finally {
    await forgetful.stop();
  }
});

test('leases grow past a clock that was set back', async () => {
  const { stores, now, namespace } = await fleet(1);
  const [tasks] = stores as [TaskStore];
  const ahead = (now + 3_600_000) * 1_000;
  await admin.hset(`{${namespace}}:counters`, 'lease', ahead);
  await tasks.insert(tasksOf(3, now), now);
  await openSession(tasks, 's', now);
  const claimed = await tasks.claim(claimRequest('s', 1, now));
  expect(claimed.map(({ lease }) => lease)).toEqual([ahead + 1, ahead + 2, ahead + 3]);
});

test('a removed id is known until its time is up, whoever asks and however late', async () => {
  const { stores, now } = await fleet(2);
  const [one, two] = stores as [TaskStore, TaskStore];
  await one.insert(tasksOf(2, now), now);
  await openSession(one, 's', now);
  const claimed = await one.claim(claimRequest('s', 1, now));
  await one.update(
    claimed.map(({ id, lease }) => end(id, lease, now)),
    now,
  );
  expect(await one.remove(['task-0', 'task-1'], now + 500)).toBe(2);
  const bound = tasksOf(1, now, 'task', { orderKey: 'o' });
  expect(await two.insert(tasksOf(1, now), now)).toEqual([{ status: 'exists' }]);
  expect(await two.insert(bound, now + 499)).toEqual([{ status: 'exists' }]);
  expect(await two.insert(tasksOf(1, now), now + 500)).toEqual([{ status: 'inserted', settled: false }]);
});

test('of a cancel and a claim at the same time one gets the task', async () => {
  const { stores, now } = await fleet(8);
  const [first] = stores as [TaskStore];
  const rows = tasksOf(200, now);
  await first.insert(rows, now);
  await openSession(first, 's', now);
  const claims: Promise<readonly { id: string }[]>[] = [];
  const cancels: Promise<readonly { status: string }[]>[] = [];
  for (const [n, { id }] of rows.entries()) {
    const change: Change = { id, guard: { states: ['waiting'] }, set: { state: 'cancelled', finishedAt: now } };
    // Each connection cancels and claims in turn, near the head of the same queue.
    cancels.push((stores[n % 8] as TaskStore).update([change], now));
    claims.push((stores[n % 8] as TaskStore).claim({ ...claimRequest('s', 1, now, 1), lane: n }));
  }
  const claimed = new Set((await Promise.all(claims)).flat().map(({ id }) => id));
  const cancelled = (await Promise.all(cancels)).map(([outcome]) => outcome?.status === 'applied');
  expect(rows.map(({ id }) => claimed.has(id))).toEqual(cancelled.map((isCancelled) => !isCancelled));
  expect(Math.min(claimed.size, rows.length - claimed.size)).toBeGreaterThan(20);
});

test('a child inserted while its parent ends is told by one of the two', async () => {
  const { stores, now } = await fleet(2);
  const [one, two] = stores as [TaskStore, TaskStore];
  await one.insert(tasksOf(100, now, 'parent'), now);
  await openSession(one, 's', now);
  const parents = await one.claim(claimRequest('s', 1, now));
  await Promise.all(
    parents.map(async ({ id, lease }) => {
      const child = newTask({ id: `child of ${id}`, runAt: now, parents: [{ id, policy: 'run' }] });
      const [[ended], [inserted]] = await Promise.all([
        one.update([end(id, lease, now)], now),
        two.insert([child], now),
      ]);
      expect(inserted).toEqual({ status: 'inserted', settled: ended?.dependents !== true });
    }),
  );
});

test('a claim does not look at what runs, nor at what is not due', async () => {
  const { stores, now } = await fleet(1);
  const [tasks] = stores as [TaskStore];
  await openSession(tasks, 's', now);
  await tasks.insert(tasksOf(3_000, now, 'running', { priority: 1_000 }), now);
  await tasks.claim(claimRequest('s', 1, now, 3_000));
  for (const priority of [1_000, 999]) {
    await tasks.insert(tasksOf(3_000, now + 3_600_000, `later-${priority}`, { priority }), now);
  }
  await tasks.insert(tasksOf(3, now, 'due', { priority: -1_000 }), now);
  await admin.config('RESETSTAT');
  const claimed = await tasks.claim(claimRequest('s', 2, now, 3));
  expect(claimed.map(({ id }) => id)).toEqual(['due-0', 'due-1', 'due-2']);
  const stats = await admin.info('commandstats');
  const calls = Number(/cmdstat_zrangebylex:calls=(\d+)/.exec(stats)?.[1]);
  const rows = Number(/cmdstat_hmget:calls=(\d+)/.exec(stats)?.[1]);
  // A probe for each of three priorities, one range, and what queues and rows are read by.
  expect(calls).toBeLessThanOrEqual(4);
  expect(rows).toBeLessThanOrEqual(4);
});

test('a namespace has a handful of keys, all in one slot', async () => {
  const { stores, now, namespace } = await fleet(1);
  const [tasks] = stores as [TaskStore];
  const backend = open.at(-1) as Required<Backend>;
  await openSession(tasks, 's', now);
  const given = { unique: { key: 'k', until: now + 9_000 }, orderKey: 'o', expiresAt: now + 90_000 };
  await tasks.insert([...tasksOf(3, now, 'bound', given), ...tasksOf(3, now)], now);
  await tasks.insert([newTask({ id: 'child', runAt: now, parents: [{ id: 'task-0', policy: 'run' }] })], now);
  const [first] = await tasks.claim(claimRequest('s', 1, now, 1));
  const set = { state: 'failed', error: Buffer.from('e'), progress: Buffer.from('p') } as const;
  await tasks.update(
    [{ id: first?.id ?? '', guard: { lease: first?.lease ?? 0 }, set, record: Buffer.from('r') }],
    now,
  );
  await tasks.configure('default', { paused: true });
  await backend.schedules.put({ id: 'a', state: 'active', dueAt: 1, body: Buffer.from('b') }, null);
  await backend.records.put('a', Buffer.from('b'));
  const prefix = `{${namespace}}:`;
  const keys = (await admin.keys('*')).filter((key) => key.startsWith(prefix));
  expect(keys.length).toBeGreaterThan(15);
  expect(keys.filter((key) => !(keyNames as readonly string[]).includes(key.slice(prefix.length)))).toEqual([]);
});

test('namespaces on the nodes of a Cluster know nothing of each other', async () => {
  const cluster = await startRedisCluster({ masters: 2 });
  try {
    const slots: number[] = [];
    const node = new Redis(cluster.url);
    for (let n = 0; n < 8; n += 1) {
      const { stores, now, namespace } = await fleet(1, cluster.url, true);
      const [tasks] = stores as [TaskStore];
      slots.push(Number(await node.cluster('KEYSLOT', `{${namespace}}:tasks`)));
      expect(await tasks.insert(tasksOf(2, now), now)).toHaveLength(2);
      expect((await tasks.list({ limit: 10 })).items).toHaveLength(2);
    }
    node.disconnect();
    expect(new Set(slots.map((slot) => slot < 8_192))).toEqual(new Set([true, false]));
  } finally {
    await Promise.all(open.splice(0).map((each) => each.close()));
    await cluster.stop();
  }
});

test('a redrive is refused while another task holds the key', async () => {
  const { stores, now } = await fleet(8);
  const [first] = stores as [TaskStore];
  const unique = { key: 'k', until: null };
  await openSession(first, 's', now);
  for (let n = 0; n < 8; n += 1) {
    await first.insert(tasksOf(1, now, `failed-${n}`, { unique }), now);
    const [task] = await first.claim(claimRequest('s', n + 1, now));
    await first.update([{ ...end(task?.id ?? '', task?.lease ?? 0, now), set: { state: 'failed' } }], now);
  }
  const redrives = stores.map((tasks, n) => {
    return tasks.update(
      [{ id: `failed-${n}-0`, guard: { states: ['failed'] }, set: { state: 'waiting', runAt: now } }],
      now,
    );
  });
  const outcomes = (await Promise.all(redrives)).flat();
  const applied = outcomes.findIndex(({ status }) => status === 'applied');
  expect(outcomes.filter(({ status }) => status === 'applied')).toHaveLength(1);
  expect(outcomes.filter(({ holder }) => holder === `failed-${applied}-0`)).toHaveLength(7);
});

test('an insert that cannot be made whole leaves nothing, however large', async () => {
  const { stores, now } = await fleet(1);
  const [tasks] = stores as [TaskStore];
  const rows = [
    ...tasksOf(9_999, now),
    newTask({ id: 'orphan', runAt: now, parents: [{ id: 'nobody', policy: 'run' }] }),
  ];
  await expect(tasks.insert(rows, now)).rejects.toMatchObject({ code: 'PARENT_UNKNOWN' });
  expect(await tasks.count(now)).toEqual([]);
});
