import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { sqlite } from '@omniq/storage-sqlite';
import { Child } from './children.ts';
import { freshFiles } from './folder.ts';
import { claimRequest, openSession, openTasks, tasksOf } from './stores.ts';

const fresh = freshFiles();

describe('locks of others', { timeout: 60_000 }, () => {
  test('a write waits for the transaction of another process', async () => {
    const file = fresh();
    const { backend, tasks, now } = await openTasks(file);
    const child = new Child('lock', file, '150');
    expect(await child.next()).toBe('locked');
    expect(await tasks.insert(tasksOf(1, now), now)).toEqual([{ status: 'inserted', settled: false }]);
    await backend.close();
  });

  test('one that outlasts busyTimeout is STORE_BUSY, and beats, reads and idle claims do not notice it', async () => {
    const file = fresh();
    const { backend, tasks, now } = await openTasks(file, { busyTimeout: '60ms' });
    await openSession(tasks, 'session', now);
    const child = new Child('lock', file);
    expect(await child.next()).toBe('locked');
    await expect(tasks.insert(tasksOf(1, now), now)).rejects.toMatchObject({ code: 'STORE_BUSY' });
    expect(await tasks.beat('session', now)).toEqual({ live: true, leases: 0, cancelled: [] });
    expect(await tasks.claim(claimRequest('session', 1, now))).toEqual([]);
    expect(await tasks.get(['task-0'])).toEqual([undefined]);
    expect(await tasks.end('session')).toBe(true);
    child.send('unlock');
    expect(await child.next()).toBe('unlocked');
    expect(await tasks.insert(tasksOf(1, now), now)).toHaveLength(1);
    await backend.close();
  });

  test('opening a file that another program has locked waits for it', async () => {
    const file = fresh();
    const other = new Database(file);
    other.exec('CREATE TABLE other (id); BEGIN EXCLUSIVE');
    const opening = sqlite(file);
    setTimeout(() => other.exec('COMMIT'), 100);
    await (await opening).close();
    other.close();
    const held = fresh();
    const holder = new Database(held);
    holder.exec('CREATE TABLE other (id); BEGIN EXCLUSIVE');
    await expect(sqlite(held, { busyTimeout: 40 })).rejects.toMatchObject({ code: 'STORE_BUSY' });
    holder.close();
  });

  test('a long reader holds up no writer and sees none of what is written', async () => {
    const file = fresh();
    const { backend, tasks, now } = await openTasks(file);
    const reader = new Database(file, { readonly: true });
    reader.exec('BEGIN');
    const count = reader.prepare('SELECT count(*) FROM omniq_tasks').pluck();
    expect(count.get()).toBe(0);
    for (let n = 0; n < 20; n += 1) await tasks.insert(tasksOf(500, now, `t${n}`), now);
    expect(count.get()).toBe(0);
    reader.exec('COMMIT');
    expect(count.get()).toBe(10_000);
    reader.close();
    await backend.close();
  });
});
