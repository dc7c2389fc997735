import { join } from 'node:path';
import { startPostgres, startRedis, type Server } from '@omniq/testkit/servers';
import { afterAll, beforeAll } from 'vitest';
import { freshFolder, gapSuite } from './gap-suite.ts';

let postgres: Server;
let redis: Server;
let runs = 0;

beforeAll(async () => {
  postgres = await startPostgres({ settings: { fsync: 'off' } });
  redis = await startRedis();
});
afterAll(() => Promise.all([postgres.stop(), redis.stop()]));

const inPostgres = (): string => `${postgres.url}?schema=gap_${(runs += 1)}`;
const inRedis = (): string => `${redis.url}?namespace=gap${(runs += 1)}`;

gapSuite('tasks in Postgres, results in Redis, events in SQLite', async () => ({
  tasks: inPostgres(),
  results: inRedis(),
  events: `sqlite:${join(await freshFolder(), 'events.db')}`,
}));

gapSuite('tasks in Redis, results in Postgres, events in files', async () => ({
  tasks: inRedis(),
  results: inPostgres(),
  events: `file:${await freshFolder()}`,
}));
