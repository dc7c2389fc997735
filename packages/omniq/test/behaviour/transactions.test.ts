import Database from 'better-sqlite3';
import { setTimeout as sleep } from 'node:timers/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  createOmniQ,
  defineTask,
  isOmniQError,
  OmniQError,
  silent,
  type OmniQ,
  type TaskContext,
} from '../../src/index.ts';
import type { TaskStore } from '@omniq/core/storage';
import { sqlite } from '@omniq/storage-sqlite';

const folder = await mkdtemp(join(tmpdir(), 'omniq-transactions-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
let files = 0;

/** A queue and a table of the application in one file.  */
async function open(): Promise<{ omniq: OmniQ; db: Database.Database; payments: () => unknown[] } & AsyncDisposable> {
  files += 1;
  const file = join(folder, `${files}.db`);
  const omniq = await createOmniQ({ tasks: { url: `sqlite:${file}`, busyTimeout: '60s' }, logger: silent });
  const db = new Database(file);
  db.exec('CREATE TABLE payments (task TEXT, amount INTEGER)');
  const payments = (): unknown[] => db.prepare('SELECT amount FROM payments').pluck().all();
  const close = async (): Promise<void> => {
    await omniq.close();
    db.close();
  };
  return { omniq, db, payments, [Symbol.asyncDispose]: close };
}

const work = { concurrency: 4, poll: '60s', shutdownTimeout: '1s' } as const;

test('what a transaction enqueues runs once it is committed, and soon', async () => {
  await using queue = await open();
  const { omniq, db, payments } = queue;
  const ran: number[] = [];
  const task = defineTask({ name: 'book', run: (amount: number) => void ran.push(amount) });
  await omniq.work({ ...work, tasks: [task] });

  db.exec('BEGIN IMMEDIATE');
  db.prepare('INSERT INTO payments VALUES (?, ?)').run('a', 1);
  await omniq.within(db).enqueue(task, 1);
  db.exec('ROLLBACK');
  db.exec('BEGIN IMMEDIATE');
  db.prepare('INSERT INTO payments VALUES (?, ?)').run('b', 2);
  const handle = await omniq.within(db).enqueue(task, 2);
  const [second] = await omniq.within(db).enqueueMany([[task, 3]]);
  db.exec('COMMIT');

  await handle.result({ timeout: '20s' });
  await second?.result({ timeout: '20s' });
  expect(payments()).toEqual([2]);
  expect(ran.toSorted((a, b) => a - b)).toEqual([2, 3]);
});

test('the writes of a handler and the completion of its task are one commit', async () => {
  await using queue = await open();
  const { omniq, db, payments } = queue;
  const pay = defineTask({
    name: 'pay',
    run: async (amount: number, ctx) => {
      db.exec('BEGIN IMMEDIATE');
      db.prepare('INSERT INTO payments VALUES (?, ?)').run(ctx.id, amount);
      await ctx.completeIn(db, { paid: amount });
      db.exec('COMMIT');
    },
  });
  const next = defineTask({ name: 'next', run: async (_: undefined, ctx: TaskContext) => ctx.parents() });
  const worker = await omniq.work({ ...work, concurrency: 1, tasks: [pay, next] });
  const handle = await omniq.enqueue(pay, 5);
  const child = await omniq.enqueue(next, undefined, { dependsOn: [handle] });

  expect(await handle.result({ timeout: '20s' })).toEqual({ paid: 5 });
  expect(await child.result({ timeout: '20s' })).toEqual([{ paid: 5 }]);
  expect(payments()).toEqual([5]);
  expect(await handle.get()).toMatchObject({ state: 'completed', attempt: 1 });
  expect(worker.counts).toMatchObject({ completed: 2, failed: 0, stale: 0 });
});

test('a handler that returns without its commit has failed, and is tried again', async () => {
  await using queue = await open();
  const { omniq, db, payments } = queue;
  const pay = defineTask({
    name: 'pay',
    retry: { delay: '1ms', maxAttempts: 2 },
    run: async (amount: number, ctx) => {
      db.exec('BEGIN IMMEDIATE');
      db.prepare('INSERT INTO payments VALUES (?, ?)').run(ctx.id, amount);
      await ctx.completeIn(db);
      db.exec(ctx.attempt === 1 ? 'ROLLBACK' : 'COMMIT');
      return 'void';
    },
  });
  await omniq.work({ ...work, tasks: [pay] });
  const handle = await omniq.enqueue(pay, 7);

  expect(await handle.result({ timeout: '20s' })).toBeUndefined();
  expect(payments()).toEqual([7]);
  const [first] = await handle.attempts();
  expect(first?.error?.message).toMatch(/was not committed/);
});

test('a handler whose lease is gone cannot commit, though it swallows the error', async () => {
  await using queue = await open();
  const { omniq, db, payments } = queue;
  const errors: unknown[] = [];
  const pay = defineTask({
    name: 'pay',
    run: async (amount: number, ctx) => {
      db.prepare('UPDATE omniq_tasks SET lease = lease + 1').run();
      db.exec('BEGIN IMMEDIATE');
      db.prepare('INSERT INTO payments VALUES (?, ?)').run(ctx.id, amount);
      await ctx.completeIn(db).catch((error: unknown) => errors.push(error));
      expect(ctx.signal.aborted).toBe(true);
      expect(() => db.exec('COMMIT')).toThrow(/no transaction is active/);
    },
  });
  const worker = await omniq.work({ ...work, tasks: [pay] });
  await omniq.enqueue(pay, 9);
  await until(() => errors.length > 0);
  await worker.stop();

  expect(isOmniQError(errors[0], 'LEASE_LOST')).toBe(true);
  expect(payments()).toEqual([]);
});

test('other tasks of the process are settled while a transaction is open', async () => {
  await using queue = await open();
  const { omniq, db, payments } = queue;
  const pay = defineTask({
    name: 'pay',
    run: async (amount: number, ctx) => {
      db.exec('BEGIN IMMEDIATE');
      db.prepare('INSERT INTO payments VALUES (?, ?)').run(ctx.id, amount);
      await ctx.completeIn(db);
      // Were the settles below to wait for the lock, this would not go on for a minute.
      await sleep(20);
      db.exec('COMMIT');
    },
  });
  const quick = defineTask({ name: 'quick', run: async () => sleep(5) });
  const handles = await omniq.enqueueMany([[pay, 1], [quick], [quick], [quick]]);
  await omniq.work({ ...work, tasks: [pay, quick] });

  await Promise.all(handles.map((handle) => handle.result({ timeout: '20s' })));
  expect(payments()).toEqual([1]);
});

test('a run that was given up cannot complete, though its lease still stands', async () => {
  await using queue = await open();
  const { omniq, db, payments } = queue;
  const [started, givenUp] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const ended = Promise.withResolvers<unknown>();
  const pay = defineTask({
    name: 'pay',
    run: async (amount: number, ctx) => {
      started.resolve();
      await givenUp.promise;
      db.prepare('UPDATE omniq_tasks SET state = 2').run();
      db.exec('BEGIN IMMEDIATE');
      db.prepare('INSERT INTO payments VALUES (?, ?)').run(ctx.id, amount);
      ended.resolve(await ctx.completeIn(db).catch((error: unknown) => error));
      expect(() => db.exec('COMMIT')).toThrow(/no transaction is active/);
    },
  });
  await omniq.enqueue(pay, 3);
  const worker = await omniq.work({ ...work, shutdownTimeout: '1ms', tasks: [pay] });
  await started.promise;
  await worker.stop();
  givenUp.resolve();

  expect(await ended.promise).toMatchObject({ code: 'WORKER_STOPPED' });
  expect(payments()).toEqual([]);
});

test('a store that does not answer is asked again what became of a completion', async () => {
  await using queue = await open();
  const { db, payments } = queue;
  const backend = await sqlite(db.name);
  const tasks = backend.tasks as TaskStore;
  const get = tasks.get.bind(tasks);
  let looks = 0;
  tasks.get = async (ids) => {
    looks += 1;
    if (looks <= 6) throw new OmniQError('STORE_UNREACHABLE', 'The network is cut.');
    return get(ids);
  };
  await using omniq = await createOmniQ({ tasks: backend, logger: silent });
  const pay = defineTask({
    name: 'pay',
    run: async (amount: number, ctx) => {
      db.exec('BEGIN IMMEDIATE');
      db.prepare('INSERT INTO payments VALUES (?, ?)').run(ctx.id, amount);
      await ctx.completeIn(db, 'paid');
      db.exec('COMMIT');
    },
  });
  const handle = await omniq.enqueue(pay, 4);
  const worker = await omniq.work({ ...work, tasks: [pay] });
  await until(() => worker.counts.completed + worker.counts.failed > 0);

  expect(worker.counts).toMatchObject({ completed: 1, failed: 0 });
  expect(await handle.result({ timeout: '20s' })).toBe('paid');
  expect(payments()).toEqual([4]);
});

test('another database, or one without a transaction, is refused', async () => {
  await using queue = await open();
  await using other = await open();
  other.db.exec('BEGIN IMMEDIATE');
  await expect(queue.omniq.within(other.db).enqueue('task')).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  other.db.exec('ROLLBACK');
  await expect(queue.omniq.within(queue.db).enqueue('task')).rejects.toMatchObject({ code: 'INVALID_OPTION' });
});

test('where tasks are in memory there is nothing to take part in', async () => {
  await using omniq = await createOmniQ({ tasks: 'memory:', logger: silent });
  await expect(omniq.within({}).enqueue('task')).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}
