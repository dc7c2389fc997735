import { existsSync, rmSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { Wakes } from '../src/wakes.ts';
import { connect } from '../src/open.ts';
import { locate } from '../src/location.ts';
import { migrate } from '../src/migrations/migrate.ts';
import { mainSchema, sessionsSchema } from '../src/migrations/schemas.ts';
import { SqliteTaskStore } from '../src/task-store.ts';
import plugin, { sqlite } from '../src/index.ts';
import { freshFiles } from './folder.ts';
import { claimRequest, openSession, openTasks, tasksOf } from './stores.ts';

const fresh = freshFiles();

describe('what a file can hold', () => {
  test('a file that is no database is STORE_CORRUPT', async () => {
    const file = fresh();
    writeFileSync(file, 'not a database, but long enough to look for a header in it '.repeat(100));
    await expect(sqlite(file)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });

  test('its folder is made, but no path to it: that is STORE_UNREACHABLE', async () => {
    const folder = fresh();
    await expect(sqlite(`${folder}/path/jobs.db`)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(existsSync(folder)).toBe(false);
    await (await sqlite(`${folder}/jobs.db`)).close();
    expect(existsSync(`${folder}/jobs.db`)).toBe(true);
  });

  test('a newer schema is STORE_VERSION and stays as it is', async () => {
    const file = fresh();
    await (await sqlite(file)).close();
    const db = new Database(file);
    db.exec(`INSERT INTO omniq_migrations VALUES ('main', 2, 'later', 'sum')`);
    await expect(sqlite(file)).rejects.toMatchObject({ code: 'STORE_VERSION' });
    await expect(plugin.migrate?.(`sqlite:${file}`, {}, 'up')).rejects.toMatchObject({ code: 'STORE_VERSION' });
    db.exec(`DELETE FROM omniq_migrations WHERE version = 2`);
    db.close();
    await (await sqlite(file)).close();
  });

  test('a migration that was changed afterwards is STORE_CORRUPT', async () => {
    const file = fresh();
    await (await sqlite(file)).close();
    const db = new Database(file);
    db.exec(`UPDATE omniq_migrations SET checksum = 'other'`);
    db.close();
    await expect(sqlite(file)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });

  test('migrate tells what is missing without making a file, brings it up, and then has nothing to do', async () => {
    const url = `sqlite:${fresh()}`;
    const all = ['main 0001 initial', 'sessions 0001 initial'];
    expect(await plugin.migrate?.(url, {}, 'status')).toEqual(all);
    expect(await plugin.migrate?.(url, {}, 'status')).toEqual(all);
    expect(await plugin.migrate?.(url, {}, 'up')).toEqual(all);
    expect(await plugin.migrate?.(url, {}, 'status')).toEqual([]);
    expect(await plugin.migrate?.(url, {}, 'up')).toEqual([]);
  });

  test('it may be the file of an application, whose tables stay', async () => {
    const file = fresh();
    const db = new Database(file);
    db.exec(`CREATE TABLE tasks (mine TEXT); INSERT INTO tasks VALUES ('kept'); PRAGMA user_version = 7`);
    const { backend, tasks, now } = await openTasks(file);
    await tasks.insert(tasksOf(1, now), now);
    await backend.close();
    expect(db.prepare('SELECT mine FROM tasks').pluck().all()).toEqual(['kept']);
    expect(db.pragma('user_version', { simple: true })).toBe(7);
    db.close();
  });

  test('a row with a hostile payload is claimed like any other and holds up none', async () => {
    const file = fresh();
    const { backend, tasks, now } = await openTasks(file);
    await tasks.insert(tasksOf(3, now), now);
    const db = new Database(file);
    db.prepare(`UPDATE omniq_payloads SET body = ?`).run(Buffer.alloc(9));
    db.prepare(`UPDATE omniq_payloads SET spec = ?, body = ? WHERE task = 2`).run(
      Buffer.from([0xc1, 0xff]),
      Buffer.alloc(100_000, 0xff),
    );
    expect(() => db.exec(`UPDATE omniq_tasks SET state = 99 WHERE seq = 1`)).toThrow(/CHECK/);
    expect(() => db.exec(`UPDATE omniq_tasks SET run_at = 'soon' WHERE seq = 1`)).toThrow(/INTEGER/);
    db.close();
    await openSession(tasks, 'session', now);
    const claimed = await tasks.claim(claimRequest('session', 1, now));
    expect(claimed.map(({ id, body }) => [id, body?.byteLength])).toEqual([
      ['task-0', 9],
      ['task-1', 100_000],
      ['task-2', 9],
    ]);
    await backend.close();
  });

  test('a full disk is STORE_FULL, keeps what was acknowledged, and is over once there is room', async () => {
    const { main, sessions } = await connect(locate(fresh()));
    migrate(main, mainSchema);
    migrate(sessions, sessionsSchema);
    const close = (): void => [main, sessions].forEach((each) => each.close());
    const tasks = new SqliteTaskStore({ main, sessions, wakes: new Wakes(null, () => false), inMemory: false, close });
    const now = await tasks.time();
    main.script('PRAGMA max_page_count = 100');
    let batches = 0;
    const fill = async (): Promise<void> => {
      for (; batches < 1_000; batches += 1) await tasks.insert(tasksOf(100, now, `b${batches}`), now);
    };
    await expect(fill()).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect(await tasks.count(now)).toEqual([{ queue: 'default', state: 'pending', count: 100 * batches }]);
    main.script('PRAGMA max_page_count = 100000');
    await tasks.insert(tasksOf(100, now, `b${batches}`), now);
    expect(await tasks.count(now)).toEqual([{ queue: 'default', state: 'pending', count: 100 * (batches + 1) }]);
    await tasks.close();
  });

  test('without the file of the sessions, as in a restored backup, what they held is there to be rescued', async () => {
    const file = fresh();
    const first = await openTasks(file);
    await first.tasks.insert(tasksOf(5, first.now), first.now);
    await openSession(first.tasks, 'gone', first.now);
    const before = await first.tasks.claim(claimRequest('gone', 1, first.now));
    await first.backend.close();
    for (const end of ['', '-wal', '-shm']) rmSync(`${file}-sessions${end}`, { force: true });
    const { backend, tasks, now } = await openTasks(file);
    expect(await tasks.sessions()).toMatchObject([{ id: 'gone', ended: true, leases: 5 }]);
    await expect(tasks.claim(claimRequest('gone', 2, now))).rejects.toMatchObject({ code: 'SESSION_ENDED' });
    const back = { state: 'waiting', runAt: now } as const;
    await tasks.update(
      before.map(({ id, lease }) => ({ id, guard: { lease }, set: back })),
      now,
    );
    expect(await tasks.sessions()).toEqual([]);
    await backend.close();
  });

  test('a lease outgrows a counter that was set back', async () => {
    const file = fresh();
    const { backend, tasks, now } = await openTasks(file);
    await tasks.insert(tasksOf(2, now), now);
    await openSession(tasks, 'session', now);
    const [first] = await tasks.claim(claimRequest('session', 1, now, 1));
    const db = new Database(file);
    db.exec('UPDATE omniq_counters SET last = 0');
    db.close();
    // A file is restored from a backup in no less than a tick of the clock.
    while ((await tasks.time?.()) === (first?.lease ?? 0) / 1_000);
    const [second] = await tasks.claim(claimRequest('session', 2, now, 1));
    expect(second?.lease).toBeGreaterThan(first?.lease ?? Number.POSITIVE_INFINITY);
    expect(second?.lease).toBeGreaterThanOrEqual(now * 1_000);
    await backend.close();
  });
});
