import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import plugin from '@omniq/storage-redis';
import { startRedis, startRedisCluster } from '@omniq/testkit/servers';

const server = await startRedis({ settings: { appendonly: 'yes', appendfsync: 'everysec' } });
const admin = new Redis(server.url);

afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

async function statuses(url = server.url, options = {}): Promise<Record<string, string>> {
  const findings = (await plugin.inspect?.(url, options)) ?? [];
  return Object.fromEntries(findings.map(({ about, status }) => [about, status]));
}

const fine = { version: 'ok', eviction: 'ok', persistence: 'ok', replication: 'ok', cluster: 'ok' };

test('a server that keeps its log and evicts nothing is fine', async () => {
  expect(await statuses()).toEqual(fine);
});

test.each([
  ['maxmemory-policy', 'allkeys-lru', { eviction: 'failed' }],
  ['maxmemory-policy', 'volatile-lru', { eviction: 'warning' }],
  ['appendfsync', 'no', { persistence: 'warning' }],
  ['appendfsync', 'always', {}],
])('%s %s', async (setting, value, expected) => {
  const [, before] = (await admin.config('GET', setting)) as [string, string];
  await admin.config('SET', setting, value);
  try {
    expect(await statuses()).toEqual({ ...fine, ...expected });
  } finally {
    await admin.config('SET', setting, before);
  }
});

test('without a log the end of the server loses tasks', async () => {
  const forgetful = await startRedis();
  try {
    expect(await statuses(forgetful.url)).toEqual({ ...fine, persistence: 'warning' });
  } finally {
    await forgetful.stop();
  }
});

test('a replica takes no tasks', async () => {
  await admin.replicaof('127.0.0.1', 1);
  expect(await statuses()).toEqual({ ...fine, replication: 'failed' });
  await admin.replicaof('NO', 'ONE');
});

test('a server that forbids CONFIG is told so, not failed', async () => {
  await admin.call('ACL', 'SETUSER', 'guest', 'on', 'nopass', '~*', '&*', '+@all', '-config');
  const url = server.url.replace('//', '//guest:any@');
  expect(await statuses(url)).toEqual({ ...fine, persistence: 'warning' });
});

test('a Cluster has to be opened as one, and only a Cluster', async () => {
  expect(await statuses(server.url, { cluster: true }).catch(({ code }: { code: string }) => code)).toBe(
    'STORE_FAILED',
  );
  const cluster = await startRedisCluster({ masters: 2 });
  try {
    expect(await statuses(cluster.url)).toMatchObject({ cluster: 'failed' });
    expect(await statuses(cluster.url, { cluster: true })).toMatchObject({ cluster: 'ok', persistence: 'warning' });
  } finally {
    await cluster.stop();
  }
});
