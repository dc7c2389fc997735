import { afterAll, describe, test } from 'vitest';
import { layeredBackend, systemAmbient } from '@omniq/core/storage';
import { startRedis, startRedisCluster } from '@omniq/testkit/servers';
import { conformance, type TestRunner } from '@omniq/testkit/storage';
import { opener } from './stores.ts';

const server = await startRedis();
const cluster = await startRedisCluster({ masters: 2 });

afterAll(async () => {
  await server.stop();
  await cluster.stop();
});

const runner: TestRunner = {
  describe,
  test,
  wrap: (backend) => layeredBackend(backend, { backend: 'redis', ambient: systemAmbient }),
};

conformance('redis', opener({ url: server.url }), runner);

// Each case has a namespace of its own, so that both nodes get their share.
conformance('redis as a cluster', opener({ url: cluster.url, cluster: true }), runner);
