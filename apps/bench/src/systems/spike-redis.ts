import { RedisSpike } from '../spikes/redis.ts';
import { spikeQueue } from './spike-queue.ts';
import type { System } from './system.ts';

/** The verbs of the storage contract on Redis, with sessions, fences, repeated claims and kept results. */
export const spikeRedis: System = {
  name: 'spike-redis',
  store: 'redis',
  packages: ['ioredis'],
  settings: 'batch 200, 2 claims in flight, adds of a tick coalesced, results kept',
  durability: 'appendonly=no',
  raw: 'raw-redis',
  shared: true,
  open: async ({ url, scope, create }) => {
    const store = new RedisSpike(url, { namespace: scope });
    if (create) await store.migrate();
    return spikeQueue(store, { batch: 200, lanes: 2 });
  },
};
