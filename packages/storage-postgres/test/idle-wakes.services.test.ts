import pg from 'pg';
import { expect, test } from 'vitest';
import { postgres } from '@omniq/storage-postgres';
import { serverForTests, tasksOf } from './server.ts';

const { server, admin, open } = await serverForTests();

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
}

test('a worker looks for what came before it was known to be idle', { timeout: 15_000 }, async () => {
  const { tasks, schema, now } = await open();
  const other = postgres({ url: server.url, schema, notify: false });
  // Who is idle cannot be written down for a while; that nobody is can be read.
  const client = new pg.Client(server.url);
  await client.connect();
  await client.query(`begin; lock table ${schema}.idle in exclusive mode`);
  let woken = 0;
  tasks.watch?.(() => (woken += 1));
  await until(async () => woken > 0 && (await admin.query('select from pg_locks where not granted')).rows.length > 0);
  const before = woken;
  await other.tasks?.insert(tasksOf(1, now), now);
  expect(woken).toBe(before);
  await client.query('commit');
  await until(() => woken > before);
  expect((await admin.query(`select from ${schema}.idle`)).rows.length).toBeGreaterThan(0);
  await client.end();
  await other.close();
});
