import { randomUUID } from 'node:crypto';
import { startPostgres, startRedis, type Server } from '@omniq/testkit/servers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadSystem } from '../src/systems/load-system.ts';
import type { Queue, Target } from '../src/systems/system.ts';

const onPostgres = [
  'omniq-postgres',
  'graphile-worker',
  'graphile-worker-batched',
  'pg-boss',
  'pg-boss-polling',
  'bullmq-postgres',
];
const onRedis = ['omniq-redis', 'bullmq', 'bee-queue'];
const servers: Server[] = [];
const urls: Record<string, string> = {};

beforeAll(async () => {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  servers.push(postgres, redis);
  Object.assign(urls, { postgres: postgres.url, redis: redis.url });
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

/** Resolves once the handler was called so often. */
function counter(wanted: number): { handler: (payload: string) => void; all: Promise<string[]> } {
  const seen: string[] = [];
  const { promise, resolve } = Promise.withResolvers<string[]>();
  return { handler: (payload) => seen.push(payload) === wanted && resolve(seen), all: promise };
}

async function untilEmpty(queue: Queue): Promise<void> {
  while ((await queue.left()) > 0) await new Promise(setImmediate);
}

test.each([...onPostgres, ...onRedis])(
  '%s takes one by one and in bulk, and another process works them off once',
  async (name) => {
    const system = await loadSystem(name);
    const target: Target = {
      url: urls[system.store] ?? '',
      scope: `t_${randomUUID().replaceAll('-', '')}`,
      create: true,
    };
    const producer = await system.open(target);
    const payloads = Array.from({ length: 200 }, (_, i) => `payload ${i}`);
    const [one, two, ...many] = payloads as [string, string, ...string[]];
    await producer.enqueue(one);
    await producer.enqueue(two);
    await producer.enqueueMany(many);
    await producer.enqueueDelayed?.(['later', 'later still']);
    expect(await producer.left()).toBe(payloads.length);

    const worker = await system.open({ ...target, create: false });
    const { handler, all } = counter(payloads.length);
    await worker.work(handler);
    await all;
    await untilEmpty(producer);
    expect((await all).toSorted()).toEqual(payloads.toSorted());
    expect(await worker.left()).toBe(0);

    const woken = Promise.withResolvers<void>();
    await worker.close();
    const next = await system.open({ ...target, create: false });
    await next.work(() => woken.resolve());
    await producer.enqueue('one more, to a worker that waits');
    await woken.promise;
    await untilEmpty(producer);
    await next.close();
    await producer.close();
    expect(await all).toHaveLength(payloads.length);
  },
);
