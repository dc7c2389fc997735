import { setTimeout as sleep } from 'node:timers/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { TaskStore } from '@omniq/core/storage';
import { memory } from '@omniq/storage-memory';
import { createOmniQ, defineTask, OmniQError, silent, type OmniQ } from '../../src/index.ts';
import { after } from './stores.ts';

const ran: string[] = [];
const note = defineTask({ name: 'note', run: (what: string) => void ran.push(what) });

/** Tasks in a store without transactions, the application's data and the outbox in a database. */
async function open(
  alter: (tasks: TaskStore) => void = () => {},
): Promise<{ omniq: OmniQ; db: Database.Database; tasks: TaskStore }> {
  ran.length = 0;
  const folder = await mkdtemp(join(tmpdir(), 'omniq-outbox-'));
  after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'app.db');
  const backend = await memory.open('memory:', {});
  alter(backend.tasks as TaskStore);
  const omniq = await createOmniQ({ tasks: backend, outbox: `sqlite:${file}`, logger: silent });
  after(() => omniq.close());
  const db = new Database(file);
  after(async () => db.close());
  db.exec('CREATE TABLE orders (id TEXT)');
  return { omniq, db, tasks: backend.tasks as TaskStore };
}

test('what a transaction wrote arrives once it is committed; what it rolled back does not', async () => {
  const { omniq, db } = await open();
  db.exec('BEGIN IMMEDIATE');
  await omniq.within(db).enqueue(note, 'rolled back');
  db.exec('ROLLBACK');
  db.exec('BEGIN IMMEDIATE');
  db.prepare('INSERT INTO orders VALUES (?)').run('o1');
  const handle = await omniq.within(db).enqueue(note, 'order', { id: 'o1' });
  const [urgent] = await omniq.within(db).enqueueMany([[note, 'urgent', { priority: 5, unique: 'u' }]]);
  expect(await handle.get()).toBeUndefined();
  db.exec('COMMIT');

  await omniq.work({ tasks: [note], poll: '60s' });
  await until(async () => (await handle.get())?.state === 'completed' && (await urgent?.get())?.state === 'completed');
  expect(ran.toSorted()).toEqual(['order', 'urgent']);
});

test('a repeated delivery is the same task', async () => {
  let deliveries = 0;
  const { omniq, db } = await open((tasks) => {
    const insert = tasks.insert.bind(tasks);
    tasks.insert = async (rows, now) => {
      const outcomes = await insert(rows, now);
      deliveries += 1;
      // The reply is lost more often than the layers try.
      if (deliveries <= 6) throw new OmniQError('STORE_UNREACHABLE', 'The network is cut.');
      return outcomes;
    };
  });
  db.exec('BEGIN IMMEDIATE');
  const handle = await omniq.within(db).enqueue(note, 'once');
  db.exec('COMMIT');
  await omniq.work({ tasks: [note] });
  await until(async () => waiting(db) === 0);
  await handle.result({ timeout: '20s' });
  expect(deliveries).toBeGreaterThan(6);
  expect(ran).toEqual(['once']);
});

test('children arrive, whichever of a transaction is carried first', async () => {
  const { omniq, db } = await open();
  db.exec('BEGIN IMMEDIATE');
  const parent = await omniq.within(db).enqueue(note, 'parent', { id: 'p', priority: -5 });
  const child = await omniq.within(db).enqueue(note, 'child', { dependsOn: [parent], priority: 5 });
  db.exec('COMMIT');
  await omniq.work({ tasks: [note] });
  await child.result({ timeout: '20s' });
  expect(ran).toEqual(['parent', 'child']);
});

test('one that cannot be inserted takes no other with it, and can be seen', async () => {
  const { omniq, db } = await open();
  db.exec('BEGIN IMMEDIATE');
  await omniq.within(db).enqueue(note, 'good');
  db.exec('COMMIT');
  const [good] = db.prepare('SELECT body FROM omniq_payloads').pluck().all() as [Buffer];
  const bad = Buffer.from(good.toString('latin1').replace('default', 'de\0ault'), 'latin1');
  expect(bad.equals(good)).toBe(false);
  db.exec('BEGIN IMMEDIATE');
  await omniq.within(db).enqueue(note, 'bad');
  await omniq.within(db).enqueue(note, 'other');
  db.prepare('UPDATE omniq_payloads SET body = ? WHERE task = 2').run(bad);
  db.prepare('UPDATE omniq_payloads SET body = ? WHERE task = 3').run(Buffer.from('J{"id":7}'));
  await omniq.within(db).enqueue(note, 'last');
  db.exec('COMMIT');
  await omniq.work({ tasks: [note] });
  await until(async () => waiting(db) === 0);
  await until(async () => ran.length === 2);
  expect(ran.toSorted()).toEqual(['good', 'last']);
  const failed = db.prepare('SELECT seq FROM omniq_tasks WHERE state = 4 ORDER BY seq').pluck().all();
  expect(failed).toEqual([2, 3]);
});

test('a process that only enqueues carries on by itself when asked to', async () => {
  const { omniq, db, tasks } = await open();
  await omniq.relay();
  await omniq.relay();
  db.exec('BEGIN IMMEDIATE');
  await omniq.within(db).enqueue(note, 'relayed', { id: 'r' });
  db.exec('COMMIT');
  await until(async () => (await tasks.get(['r']))[0] !== undefined);
  expect(ran).toEqual([]);
});

test('an outbox needs transactions, and a relay an outbox', async () => {
  const wrong = createOmniQ({ tasks: 'memory:', outbox: { url: 'memory:other' }, logger: silent });
  await expect(wrong).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  await using omniq = await createOmniQ({ tasks: 'memory:', logger: silent });
  await expect(omniq.relay()).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});

/** What has not been carried on, for good or ill. */
function waiting(db: Database.Database): unknown {
  return db.prepare('SELECT count(*) FROM omniq_tasks WHERE state < 3').pluck().get();
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5);
}
