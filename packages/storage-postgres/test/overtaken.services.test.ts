import pg from 'pg';
import { expect, test } from 'vitest';
import { newTask } from '@omniq/testkit/storage';
import { serverForTests } from './server.ts';

const { server, admin, open } = await serverForTests();

test('an insert in a transaction, of which others brought one of the ids meanwhile, tells what it did', async () => {
  const { tasks, schema, now } = await open({ notify: false });
  // The queue is there, so that nobody waits for it.
  await tasks.insert([newTask({ id: 'first', runAt: now })], now);
  const [mine, theirs] = [new pg.Client(server.url), new pg.Client(server.url)];
  await Promise.all([mine.connect(), theirs.connect()]);
  await Promise.all([mine.query('begin'), theirs.query('begin')]);
  await theirs.query(`select ${schema}.enqueue('t', id => 'both')`);
  const rows = [
    newTask({ id: 'own', runAt: now, unique: { key: 'k', until: null } }),
    newTask({ id: 'both', runAt: now }),
  ];
  const insert = tasks.within?.(mine).insert(rows, now);
  // It has looked for the ids, found none, and waits for the other one's end.
  while ((await admin.query('select from pg_locks where not granted')).rows.length === 0) continue;
  await theirs.query('commit');
  expect((await insert)?.map(({ status }) => status)).toEqual(['inserted', 'exists']);
  await mine.query('commit');
  expect((await tasks.get(['own', 'both'])).map((row) => row?.uniqueKey)).toEqual(['k', null]);
  await Promise.all([mine.end(), theirs.end()]);
});
