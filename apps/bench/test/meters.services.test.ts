import { startPostgres, startRedis, type Server } from '@omniq/testkit/servers';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postgresMeter } from '../src/meters/postgres-meter.ts';
import { processTime } from '../src/meters/process-time.ts';
import { redisMeter } from '../src/meters/redis-meter.ts';

let postgres: Server;
let redis: Server;
beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
});
afterAll(() => Promise.all([postgres, redis].map((server) => server.stop())));

test('PostgreSQL is read by the transaction, the byte of its log and the dead row, once its clients are gone', async () => {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query('create database measured');
  const own = new URL(postgres.url);
  own.pathname = '/measured';
  const meter = await postgresMeter(postgres.url, 'measured', postgres.pid);
  const before = await meter.read();
  const user = new pg.Client({ connectionString: own.href });
  await user.connect();
  await user.query('create table t as select i from generate_series(1, 1000) i');
  await user.query('update t set i = -i where i <= 300');
  await user.query('delete from t where i < 0');
  for (let i = 0; i < 7; i += 1) await user.query('select 1');
  await user.end();
  await meter.quiet();
  const after = await meter.read();
  expect(after.statements - before.statements).toBe(11); // To connect is one as well.
  expect(await meter.deadRows?.()).toBe(600);
  // A row of the table is at least a tuple header and its record in the log.
  expect((after.walBytes ?? 0) - (before.walBytes ?? 0)).toBeGreaterThan(1000 * 28);
  expect((after.cpuMicros ?? 0) - (before.cpuMicros ?? 0)).toBeGreaterThanOrEqual(0);
  await meter.close();
  await client.end();
});

test('the time of a server is that of its children too, also of those that have ended', async () => {
  const before = (await processTime(postgres.pid)) ?? 0;
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query('select count(*) from generate_series(1, 3000000)');
  const during = (await processTime(postgres.pid)) ?? 0;
  expect(during - before).toBeGreaterThan(50_000);
  await client.end();
  const meter = await postgresMeter(postgres.url, 'template1', postgres.pid);
  await meter.quiet();
  await meter.close();
  expect(((await processTime(postgres.pid)) ?? 0) - before).toBeGreaterThanOrEqual(during - before);
  expect(await processTime(2 ** 30)).toBeUndefined();
});

test('Redis is read by the command, those within a script too, and asking is not counted', async () => {
  const meter = await redisMeter(redis.url, redis.pid);
  const client = new Redis(redis.url);
  await client.set('a', '1');
  const before = await meter.read();
  await meter.read();
  await client.get('a');
  await client.eval("redis.call('incr', 'a') redis.call('incr', 'a')", 0);
  const after = await meter.read();
  expect(after.statements - before.statements).toBe(4);
  expect((after.sent ?? 0) - (before.sent ?? 0)).toBe(2);
  await client.eval('for i = 1, 20000000 do end', 0);
  expect(((await meter.read()).cpuMicros ?? 0) - (after.cpuMicros ?? 0)).toBeGreaterThan(10_000);
  client.disconnect();
  await meter.close();
});
