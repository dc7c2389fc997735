import { join } from 'node:path';
import { startRedis, type Server } from '@omniq/testkit/servers';
import { afterAll, beforeAll } from 'vitest';
import { freshFolder, gapSuite } from './gap-suite.ts';

let redis: Server;
let runs = 0;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

gapSuite('tasks in Redis, results in SQLite, events in files', async () => {
  const folder = await freshFolder();
  return {
    tasks: `${redis.url}?namespace=gap${(runs += 1)}`,
    results: `sqlite:${join(folder, 'results.db')}`,
    events: `file:${join(folder, 'events')}`,
  };
});
