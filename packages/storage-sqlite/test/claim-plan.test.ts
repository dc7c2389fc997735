import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { DUE, NEXT_PRIORITY } from '../src/claim-walk.ts';
import { COLUMNS, PAYLOAD } from '../src/task-row.ts';
import { freshFiles } from './folder.ts';
import { claimRequest, openSession, openTasks, tasksOf } from './stores.ts';

const fresh = freshFiles();

test('a claim searches its index by queue, priority and due time, in order: it scans and sorts nothing', async () => {
  const file = fresh();
  const { backend, tasks, now } = await openTasks(file);
  await tasks.insert(tasksOf(100, now), now);
  const db = new Database(file);
  db.exec('ANALYZE');
  const plan = (sql: string, ...values: unknown[]) =>
    (db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[]).map(({ detail }) => detail);
  expect(plan(DUE, 'default', 0, now, now, 500)).toEqual([
    'SEARCH t USING INDEX omniq_ready (queue=? AND priority=? AND run_at<?)',
    'SEARCH p USING INTEGER PRIMARY KEY (rowid=?)',
  ]);
  expect(plan(NEXT_PRIORITY, 'default', 0)).toEqual([
    'SEARCH omniq_tasks USING COVERING INDEX omniq_ready (queue=? AND priority<?)',
  ]);
  db.close();
  await backend.close();
});

test('a page of tasks with some name is read in their order: however many there are, none are sorted', async () => {
  const file = fresh();
  const { backend, tasks, now } = await openTasks(file);
  await tasks.insert(tasksOf(100, now), now);
  const db = new Database(file);
  db.exec('ANALYZE');
  const sql = `SELECT ${COLUMNS} FROM omniq_tasks t NOT INDEXED ${PAYLOAD} WHERE p.name IN (?) ORDER BY t.seq DESC LIMIT 5`;
  const plan = (db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all('work') as { detail: string }[]).map(
    ({ detail }) => detail,
  );
  expect(plan.slice(0, 2)).toEqual(['SCAN t', 'SEARCH p USING INTEGER PRIMARY KEY (rowid=?)']);
  expect(plan).not.toContain('USE TEMP B-TREE FOR ORDER BY');
  db.close();
  await backend.close();
});

test('running tasks and those behind their ordering key are not in the index that a claim walks', async () => {
  const file = fresh();
  const { backend, tasks, now } = await openTasks(file);
  await tasks.insert(
    [...tasksOf(300, now, 'run', { priority: 9 }), ...tasksOf(300, now, 'line', { orderKey: 'k' })],
    now,
  );
  await openSession(tasks, 'session', now);
  expect(await tasks.claim(claimRequest('session', 1, now, 300))).toHaveLength(300);
  const db = new Database(file, { readonly: true });
  const indexed = db
    .prepare('SELECT count(*) FROM omniq_tasks INDEXED BY omniq_ready WHERE state = 1 AND behind = 0')
    .pluck();
  expect(indexed.get()).toBe(1);
  db.close();
  await backend.close();
});

test('a claim in a queue where nothing is due writes nothing', async () => {
  const file = fresh();
  const { backend, tasks, now } = await openTasks(file);
  await tasks.insert(tasksOf(10, now, 'later', { runAt: now + 60_000 }), now);
  await openSession(tasks, 'session', now);
  const other = new Database(file, { readonly: true });
  const version = (): unknown => other.pragma('data_version', { simple: true });
  const before = version();
  for (let request = 1; request < 20; request += 1)
    expect(await tasks.claim(claimRequest('session', request, now))).toEqual([]);
  expect(version()).toBe(before);
  await tasks.insert(tasksOf(1, now), now);
  expect(version()).not.toBe(before);
  other.close();
  await backend.close();
});
