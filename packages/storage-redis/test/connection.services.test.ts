import { Cluster, Redis } from 'ioredis';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { Backend } from '@omniq/core/storage';
import { redis } from '@omniq/storage-redis';
import { startRedis, startRedisCluster } from '@omniq/testkit/servers';
import { proxyTo, type Proxy } from './proxy.ts';
import { claimRequest, openSession, openTasks, persistently, tasksOf } from './stores.ts';

const server = await startRedis();
const admin = new Redis(server.url);
const open: (Backend | Proxy)[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
  await admin.flushall();
});
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

async function opened(url = server.url): Promise<Awaited<ReturnType<typeof openTasks>>> {
  const found = await openTasks({ url });
  open.push(found.backend);
  return found;
}

async function proxied(): Promise<Proxy> {
  const proxy = await proxyTo(server.url);
  open.push(proxy);
  return proxy;
}

test('a command whose reply is lost fails, and is not sent a second time', async () => {
  const proxy = await proxied();
  const { tasks, now } = await opened(proxy.url);
  await tasks.insert(tasksOf(1, now, 'first'), now);
  const before = proxy.scripts();
  proxy.loseNextReply();
  await expect(tasks.insert(tasksOf(1, now, 'second'), now)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  expect(proxy.scripts()).toBe(before + 1);
  // It had its effect, and the client comes back by itself.
  expect(await tasks.insert(tasksOf(1, now, 'second'), now)).toEqual([{ status: 'exists' }]);
});

test('a claim whose reply was lost is repeated and returns the same tasks', async () => {
  const proxy = await proxied();
  const { tasks, now } = await opened(proxy.url);
  await tasks.insert(tasksOf(5, now), now);
  await openSession(tasks, 's', now);
  await tasks.claim(claimRequest('s', 1, now, 1));
  proxy.loseNextReply();
  await expect(tasks.claim(claimRequest('s', 2, now, 2))).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  const claimed = await tasks.claim(claimRequest('s', 2, now, 2));
  expect(claimed.map(({ id }) => id)).toEqual(['task-1', 'task-2']);
  expect(await tasks.beat('s', now)).toEqual({ live: true, leases: 3, cancelled: [] });
});

test('scripts that the server has forgotten in between are taught again', async () => {
  const { tasks, now } = await opened();
  await openSession(tasks, 's', now);
  for (let round = 1; round <= 5; round += 1) {
    await tasks.insert(tasksOf(10, now, `round-${round}`), now);
    await admin.script('FLUSH');
    const claimed = await tasks.claim(claimRequest('s', round, now));
    expect(claimed).toHaveLength(10);
    await admin.script('FLUSH');
    const ends = claimed.map(({ id, lease }) => ({ id, guard: { lease }, set: { state: 'completed' as const } }));
    expect(new Set((await tasks.update(ends, now)).map(({ status }) => status))).toEqual(new Set(['applied']));
  }
});

test('a server that is down is told at once, and found again when it is up', async () => {
  const own = await startRedis({ settings: { appendonly: 'yes', appendfsync: 'always' } });
  try {
    const { tasks, now, backend } = await openTasks({ url: own.url });
    await tasks.insert(tasksOf(3, now), now);
    await own.kill();
    await expect(tasks.get(['task-0'])).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    await own.start();
    const rows = await persistently(() => tasks.get(['task-0']));
    expect(rows[0]?.state).toBe('waiting');
    await backend.close();
  } finally {
    await own.stop();
  }
});

test('a Cluster whose node is down says so, and is found again', async () => {
  const cluster = await startRedisCluster({ masters: 2, settings: { appendonly: 'yes', appendfsync: 'always' } });
  try {
    const places = await Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((namespace) => openTasks({ url: cluster.url, cluster: true, namespace })),
    );
    for (const { tasks, now } of places) await tasks.insert(tasksOf(1, now), now);
    await cluster.nodes[1]?.kill();
    const answers = await Promise.allSettled(places.map(({ tasks }) => tasks.get(['task-0'])));
    const refusals = answers.filter((answer) => answer.status === 'rejected').map(({ reason }) => reason as object);
    expect(refusals.length).toBeGreaterThan(0);
    for (const refusal of refusals) expect(refusal).toMatchObject({ code: 'STORE_UNREACHABLE' });
    await cluster.nodes[1]?.start();
    for (const { tasks, backend } of places) {
      expect((await persistently(() => tasks.get(['task-0'])))[0]?.state).toBe('waiting');
      await backend.close();
    }
  } finally {
    await cluster.stop();
  }
});

test('a Cluster that is not there is told, however often it is asked', async () => {
  const gone = await startRedis();
  await gone.stop();
  const { tasks, close } = (await redis({ url: gone.url, cluster: true })) as Required<Backend>;
  for (let n = 0; n < 3; n += 1) await expect(tasks.get(['a'])).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  await close();
});

test('a primary that has become a replica takes nothing, and is asked again after its return', async () => {
  const { tasks, now } = await opened();
  await tasks.insert(tasksOf(1, now, 'before'), now);
  await admin.replicaof('127.0.0.1', 1);
  await expect(tasks.insert(tasksOf(1, now, 'during'), now)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  await admin.replicaof('NO', 'ONE');
  const outcomes = await persistently(() => tasks.insert(tasksOf(1, now, 'during'), now));
  expect(outcomes).toEqual([{ status: 'inserted', settled: false }]);
});

test('with no memory left nothing goes in, and what is there can be worked off', async () => {
  const { tasks, now } = await opened();
  await tasks.insert(tasksOf(20, now), now);
  await openSession(tasks, 's', now);
  await admin.config('SET', 'maxmemory', '1');
  try {
    for (const rows of [tasksOf(5, now, 'more'), tasksOf(5, now, 'bound', { unique: { key: 'k', until: null } })]) {
      await expect(tasks.insert(rows, now)).rejects.toMatchObject({ code: 'STORE_FULL' });
    }
    const claimed = await tasks.claim(claimRequest('s', 1, now));
    const plain = { attempt: 1, startedAt: now, finishedAt: now };
    const ends = claimed.map(({ id, lease }, n) => {
      return { id, guard: { lease }, set: { state: 'completed' as const, ...(n === 0 ? plain : {}) } };
    });
    expect(await tasks.update(ends.splice(0, 1), now)).toEqual([{ status: 'applied' }]);
    expect((await tasks.update(ends, now)).every(({ status }) => status === 'applied')).toBe(true);
  } finally {
    await admin.config('SET', 'maxmemory', '0');
  }
  expect((await tasks.list({ limit: 100 })).items).toHaveLength(20);
});

test('what is not ours under our keys is told as damage', async () => {
  const { tasks, now } = await opened();
  await admin.set('{omniq}:tasks', 'something else');
  await expect(tasks.insert(tasksOf(1, now), now)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
});

test('no error shows the user or the password', async () => {
  await admin.config('SET', 'requirepass', 'pass-word-0');
  try {
    const url = server.url.replace('//', '//default:s3cr3t%40x@');
    const { tasks } = (await redis({ url })) as Required<Backend>;
    const error = (await tasks.get(['a']).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ code: 'STORE_FAILED' });
    const shown = [error, error.cause as Error].map((each) => JSON.stringify(each) + each.stack + each.message).join();
    expect(shown).not.toMatch(/s3cr3t/);
    const right = await redis({ url: server.url.replace('//', '//default:pass-word-0@') });
    expect(await right.tasks?.get(['a'])).toEqual([undefined]);
    await right.close();
  } finally {
    await admin.config('SET', 'requirepass', '');
  }
});

test("a client of the user's is neither used nor closed", async () => {
  const client = new Redis(server.url, { keyPrefix: 'theirs:' });
  const backend = await redis({ client, namespace: 'own' });
  await backend.records?.put('a', Buffer.from('b'));
  await backend.close();
  expect(client.status).toBe('ready');
  expect(await admin.keys('*')).toEqual(expect.arrayContaining(['{own}:records']));
  expect(await admin.keys('theirs:*')).toEqual([]);
  client.disconnect();
});

test("a Cluster client of the user's is neither used nor closed", async () => {
  const cluster = await startRedisCluster({ masters: 2 });
  const client = new Cluster([cluster.url]);
  try {
    const { tasks, backend, now } = await openTasks({ client });
    expect(await tasks.insert(tasksOf(2, now), now)).toHaveLength(2);
    await backend.close();
    expect(await client.set('a', 'b')).toBe('OK');
  } finally {
    client.disconnect();
    await cluster.stop();
  }
});

test('a store that was closed says so', async () => {
  const { backend, tasks, now } = await opened();
  await backend.close();
  await expect(tasks.insert(tasksOf(1, now), now)).rejects.toMatchObject({ code: 'STORE_CLOSED' });
});
