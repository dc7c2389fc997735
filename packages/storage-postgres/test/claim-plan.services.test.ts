import { expect, test } from 'vitest';
import { CLAIM } from '../src/claim-statement.ts';
import { Statements } from '../src/statement.ts';
import { claimRequest, openSession, serverForTests, tasksOf } from './server.ts';

const { admin, open } = await serverForTests();

test('a claim reads only what it takes, beside 50,000 running tasks and 200,000 delayed ones of top priority', async () => {
  const { tasks, schema, now } = await open();
  const session = await openSession(tasks, 'busy', now);
  await tasks.insert(tasksOf(1, now), now);
  await admin.query(`
    insert into ${schema}.live (seq, queue, priority, run_at, state, session, lease)
    select 1000000 + n, 1, 5, ${now}, 'r', 1, n from generate_series(1, 50000) n`);
  await admin.query(`
    insert into ${schema}.live (seq, queue, priority, run_at)
    select 2000000 + n, 1, 1000, ${now + 3_600_000} + n from generate_series(1, 200000) n`);
  await admin.query(`vacuum analyze ${schema}.live`);
  const { session: id, lane, request, queues, limit, start } = claimRequest(session, 1, now, 10);
  const { text } = new Statements(schema).get(CLAIM);
  const { rows } = await admin.query(`explain (analyze, buffers, format json) ${text}`, [
    id,
    lane,
    request,
    queues,
    now,
    limit,
    start,
  ]);
  const [{ Plan: plan }] = (rows[0] as { 'QUERY PLAN': [{ Plan: Record<string, number> }] })['QUERY PLAN'];
  // Pages of a few indexes, some levels each; a walk past the others would be thousands.
  expect((plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0)).toBeLessThan(400);
  expect(JSON.stringify(plan)).not.toMatch(/"Seq Scan","[^}]*"Relation Name":"live"/);
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
