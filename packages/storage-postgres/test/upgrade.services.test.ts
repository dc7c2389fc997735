import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { isOmniQError } from '@omniq/core/storage';
import { createOmniQ, defineTask, silent, type OmniQ } from '@omniq/omniq';
import plugin, { postgres } from '@omniq/storage-postgres';
import { migrate, migrations } from '../src/migrations/migrate.ts';
import type { Migration } from '../src/migrations/migration.ts';
import { connect } from '../src/open.ts';
import { locate } from '../src/options.ts';
import { serverForTests } from './server.ts';
import { freshSchema } from './stores.ts';

const { server, admin } = await serverForTests();
const opened: OmniQ[] = [];
afterAll(() => Promise.all(opened.map((omniq) => omniq.close())));

/** As a release after this one may bring it: columns in the tables that every claim and settle writes, and a table. */
const next: Migration = {
  version: migrations.length + 1,
  name: 'made up',
  oldest: migrations.length,
  sql: `
alter table @.task add column tenant text not null default 'none';
alter table @.live add column weight int4 not null default 1;
alter table @.done add column weight int4;
create index done_weight on @.done (weight);
create table @.tenant (name text primary key);`,
};

const square = defineTask({ name: 'square', run: (n: number) => n * n });

const urlOf = (schema: string): string => `${server.url}?schema=${schema}`;

/** A process of the version that is installed. */
async function start(schema: string): Promise<OmniQ> {
  const omniq = await createOmniQ({ storage: urlOf(schema), plugins: [plugin], logger: silent });
  opened.push(omniq);
  await omniq.work({ tasks: [square], concurrency: 4 });
  return omniq;
}

async function upgrade(schema: string, known: readonly Migration[]): Promise<string[]> {
  const db = connect(locate(urlOf(schema)));
  try {
    return await migrate(db, known);
  } finally {
    await db.close();
  }
}

test('workers of the version before go on beside a newer schema, and may start on it', async () => {
  const schema = freshSchema();
  const [old] = [await start(schema), await start(schema)] as const;
  const results: Promise<unknown>[] = [];
  const entries = [1, 2, 3, 4, 5].map((n) => [square, n] as const);
  const loaded = async (work: Promise<unknown>): Promise<void> => {
    let isDone = false;
    void work.finally(() => (isDone = true));
    while (!isDone || results.length % 50 > 0) {
      const handles = await old.enqueueMany(entries);
      results.push(...handles.map((handle) => handle.result({ timeout: '20s' })));
      await sleep(1);
    }
    await Promise.all(results);
  };
  await loaded(sleep(50));
  const migrating = upgrade(schema, [...migrations, next]);
  await loaded(migrating);
  expect(await migrating).toEqual(['0002 made up']);
  await loaded(start(schema));
  expect(new Set(await Promise.all(results))).toEqual(new Set([1, 4, 9, 16, 25]));
  const { rows } = await admin.query(`select count(*)::int as ended from ${schema}.done where state = 'c'`);
  expect(rows).toEqual([{ ended: results.length }]);
});

test('a schema that went on without this version is refused', async () => {
  const schema = freshSchema();
  const breaking = { ...next, oldest: next.version };
  await upgrade(schema, [...migrations, breaking]);
  const late = postgres({ url: server.url, schema, notify: false });
  const error = await late.tasks?.count(0).catch((thrown: unknown) => thrown);
  expect(isOmniQError(error, 'STORE_VERSION')).toBe(true);
  await late.close();
});

test('a migration does not make others wait behind a long transaction: it gives up, and works later', async () => {
  const schema = freshSchema();
  await upgrade(schema, migrations);
  const holder = await admin.connect();
  await holder.query('begin');
  await holder.query(`select from ${schema}.live`);
  const error = await upgrade(schema, [...migrations, next]).catch((thrown: unknown) => thrown);
  expect(isOmniQError(error, 'STORE_BUSY')).toBe(true);
  await holder.query('commit');
  holder.release();
  expect(await upgrade(schema, [...migrations, next])).toEqual(['0002 made up']);
});
