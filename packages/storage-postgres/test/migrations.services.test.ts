import { expect, test } from 'vitest';
import { isOmniQError } from '@omniq/core/storage';
import plugin, { postgres } from '@omniq/storage-postgres';
import { serverForTests } from './server.ts';
import { freshSchema } from './stores.ts';

const { server, admin, open } = await serverForTests();

test('status tells what is missing, up applies it, and again there is nothing to do', async () => {
  const options = { schema: freshSchema() };
  expect(await plugin.migrate?.(server.url, options, 'status')).toEqual(['0001 initial']);
  expect(await plugin.migrate?.(server.url, options, 'up')).toEqual(['0001 initial']);
  expect(await plugin.migrate?.(server.url, options, 'status')).toEqual([]);
  expect(await plugin.migrate?.(server.url, options, 'up')).toEqual([]);
});

test('of four that open a new schema at once one makes it, and all can use it', async () => {
  const schema = freshSchema();
  const backends = Array.from({ length: 4 }, () => postgres({ url: server.url, schema, poolSize: 2, notify: false }));
  const counts = await Promise.all(backends.map(async ({ tasks }) => tasks?.count(0)));
  expect(counts).toEqual([[], [], [], []]);
  const { rows } = await admin.query(`select version, name from ${schema}.migration`);
  expect(rows).toEqual([{ version: 1, name: 'initial' }]);
  await Promise.all(backends.map((backend) => backend.close()));
});

test.each([
  ['a schema from a newer version', `insert into @ (version, name, checksum, oldest) values (2, 'later', 'x', 2)`],
  ['a migration that is not ours', `update @ set checksum = 'tampered'`],
])('%s is refused and left alone', async (_, change) => {
  const { schema } = await open({ notify: false });
  await admin.query(change.replace('@', `${schema}.migration`));
  const later = postgres({ url: server.url, schema, notify: false });
  const error = await later.tasks?.count(0).catch((thrown: unknown) => thrown);
  expect(isOmniQError(error, 'STORE_VERSION')).toBe(true);
  await later.close();
});

test('a name that would need quoting is no schema', () => {
  for (const schema of ['Jobs', 'a-b', 'x"; drop table t; --', 'pg_catalog', '', 'a'.repeat(41)]) {
    expect(() => postgres({ url: server.url, schema })).toThrow(/schema/);
  }
});
