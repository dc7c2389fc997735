import type pg from 'pg';
import { expect, test } from 'vitest';
import { CLAIM } from '../src/claim-statement.ts';
import { Statements } from '../src/statement.ts';
import { SWAP } from '../src/swap-statement.ts';
import { claimRequest, openSession, serverForTests, tasksOf } from './server.ts';

const { admin, open } = await serverForTests();

/** How many pages a statement looks at, those of the functions that it calls among them. */
async function pagesOf(client: pg.ClientBase, text: string, values: unknown[]): Promise<number> {
  const { rows } = await client.query(`explain (analyze, buffers, format json) ${text}`, values);
  const [{ Plan: plan }] = (rows[0] as { 'QUERY PLAN': [{ Plan: Record<string, number> }] })['QUERY PLAN'];
  return (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0);
}

test('a claim reads only what it takes, beside 50,000 running tasks and 200,000 delayed ones of top priority', async () => {
  const { tasks, schema, now } = await open();
  const session = await openSession(tasks, 'busy', now);
  await tasks.insert(tasksOf(20, now), now);
  await admin.query(`
    insert into ${schema}.live (seq, queue, priority, run_at, state, session, lease)
    select 1000000 + n, 1, 5, ${now}, 'r', 1, n from generate_series(1, 50000) n`);
  await admin.query(`
    insert into ${schema}.live (seq, queue, priority, run_at)
    select 2000000 + n, 1, 1000, ${now + 3_600_000} + n from generate_series(1, 200000) n`);
  await admin.query(`vacuum analyze ${schema}.live`);
  const { session: id, lane, request, queues, limit, start } = claimRequest(session, 1, now, 10);
  const { text } = new Statements(schema).get(CLAIM);
  const client = await admin.connect();
  // The first one reads the catalogue besides.
  await client.query(text, [id, lane, request, queues, now, 1, 1]);
  await client.query('begin');
  // Pages of a few indexes, some levels each; a walk past the others would be thousands.
  expect(await pagesOf(client, text, [id, lane, request + 1, queues, now, limit, start])).toBeLessThan(400);
  const scans = await client.query(
    `select seq_scan::int4 as scans from pg_stat_xact_user_tables where schemaname = $1 and relname in ('live', 'task')`,
    [schema],
  );
  expect(scans.rows).toEqual([{ scans: 0 }, { scans: 0 }]);
  await client.query('commit');
  client.release();
});

test('plans made while the tables were empty are none of an empty table', async () => {
  const { tasks, schema, now } = await open();
  const session = await openSession(tasks, 'early', now);
  await tasks.insert(tasksOf(2, now, {}, 'first'), now);
  const { number } = (await admin.query(`select number from ${schema}.session`)).rows[0];
  await admin.query(`vacuum analyze ${schema}.live, ${schema}.task, ${schema}.lane, ${schema}.done`);
  const statements = new Statements(schema);
  const client = await admin.connect();
  const swap = (ended: unknown, request: number): unknown[] => {
    const none = Array.from({ length: 8 }, () => []);
    return [...(ended as unknown[]), ['f'], ['c'], ...none, session, 0, request, ['default'], now, 10, 10];
  };
  const running = async (): Promise<unknown[]> => {
    const { rows } = await client.query(`select seq, lease from ${schema}.live where session = $1 and state = 'r'`, [
      number,
    ]);
    return [rows.map(({ seq }) => seq), rows.map(({ lease }) => lease)];
  };
  await client.query(statements.get(CLAIM).text, [session, 0, 1, ['default'], now, 1, 1]);
  await client.query(statements.get(SWAP).text, swap(await running(), 2));
  await tasks.insert(tasksOf(20_000, now, {}, 'more'), now);
  await client.query(statements.get(SWAP).text, swap(await running(), 3));
  expect((await running())[0]).toHaveLength(10);
  expect(await pagesOf(client, statements.get(SWAP).text, swap(await running(), 4))).toBeLessThan(1_000);
  client.release();
  expect(await tasks.count(now)).toContainEqual({ queue: 'default', state: 'completed', count: 12 });
});

test('a claim that finds nothing writes nothing', async () => {
  const { tasks, now } = await open({ notify: false });
  const session = await openSession(tasks, 'idle', now);
  await tasks.claim(claimRequest(session, 1, now));
  const written = async (): Promise<unknown> => (await admin.query('select pg_current_wal_insert_lsn() as at')).rows[0];
  await admin.query('checkpoint');
  const before = await written();
  for (let request = 2; request < 20; request += 1) await tasks.claim(claimRequest(session, request, now));
  expect(await written()).toEqual(before);
});
