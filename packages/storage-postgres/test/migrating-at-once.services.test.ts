import { expect, test } from 'vitest';
import { migrate, migrations } from '../src/migrations/migrate.ts';
import type { Migration } from '../src/migrations/migration.ts';
import { connect } from '../src/open.ts';
import { locate } from '../src/options.ts';
import { serverForTests } from './server.ts';

const { server, admin, open } = await serverForTests();

/** Of a step that only adds a column the second one fails. */
const next: Migration = {
  version: migrations.length + 1,
  name: 'made up',
  oldest: migrations.length,
  sql: 'alter table @.live add column weight int4',
};

test('of two that bring a schema up to date at once one does it, and the other finds it done', async () => {
  const { schema, tasks, now } = await open({ notify: false });
  await tasks.count(now);
  const databases = [1, 2].map(() => connect(locate(`${server.url}?schema=${schema}`)));
  const holder = await admin.connect();
  await holder.query('begin');
  await holder.query(`select from ${schema}.live`);
  const both = Promise.all(databases.map((database) => migrate(database, [...migrations, next])));
  // Both have begun: one waits for the table, the other for the one, or, where nothing orders them, for the table too.
  while ((await admin.query('select from pg_locks where not granted')).rows.length < 2) continue;
  await holder.query('commit');
  holder.release();
  expect((await both).flat()).toEqual([`000${next.version} made up`]);
  await Promise.all(databases.map((database) => database.close()));
});
