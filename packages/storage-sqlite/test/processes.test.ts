import { watch } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { Child } from './children.ts';
import { freshFiles } from './folder.ts';
import { claimRequest, openSession, openTasks, tasksOf } from './stores.ts';

const fresh = freshFiles();

interface Drained {
  readonly settled: string[];
  readonly leases: number[];
}

function batchesOf(file: string, writer: string): { batch: string; count: number }[] {
  const db = new Database(file, { readonly: true });
  const sql = `SELECT substr(id, 1, 5) AS batch, count(*) AS count FROM omniq_payloads WHERE id GLOB ? GROUP BY batch`;
  const batches = db.prepare(sql).all(`${writer}-*`) as { batch: string; count: number }[];
  db.close();
  return batches;
}

// Starting processes takes its time on a busy machine.
describe('several processes on one file', { timeout: 60_000 }, () => {
  test('open a new file at the same time: one makes the schema, all find it', async () => {
    const file = fresh();
    const children = Array.from({ length: 6 }, () => new Child('open', file));
    for (const child of children) expect(await child.next()).toBe('ready');
    for (let round = 0; round < 10; round += 1) {
      for (const child of children) child.send(`${file}-${round}`);
      for (const child of children) expect(await child.next()).toBe('opened');
      const db = new Database(`${file}-${round}`, { readonly: true });
      expect(db.prepare('SELECT part, version FROM omniq_migrations').all()).toEqual([{ part: 'main', version: 1 }]);
      db.close();
    }
  });

  test('share the tasks: each is claimed and settled once, under leases that never repeat', async () => {
    const file = fresh();
    const { backend, tasks, now } = await openTasks(file);
    await tasks.insert(tasksOf(3_000, now), now);
    const children = ['a', 'b', 'c', 'd'].map((name) => new Child('drain', file, name));
    const said = (await Promise.all(children.map((child) => child.rest()))).flat() as Drained[];
    const settled = said.flatMap((each) => each.settled);
    const leases = said.flatMap((each) => each.leases);
    expect(settled).toHaveLength(3_000);
    expect(new Set(settled).size).toBe(3_000);
    expect(new Set(leases).size).toBe(3_000);
    expect(await tasks.count(now)).toEqual([{ queue: 'default', state: 'completed', count: 3_000 }]);
    await backend.close();
  });

  test('no lease of a session comes after its end', async () => {
    const file = fresh();
    const { backend, tasks, now } = await openTasks(file);
    for (let n = 0; n < 20; n += 1) await tasks.insert(tasksOf(2_000, now, `t${n}`, { runAt: now - 60_000 }), now);
    const child = new Child('claim', file);
    expect(await child.next()).toBe('ready');
    const leases = async (id: string): Promise<unknown> =>
      (await tasks.sessions()).find((each) => each.id === id)?.leases;
    for (const id of Array.from({ length: 25 }, (_, round) => `session-${round}`)) {
      child.send(id);
      expect(await child.next()).toBe('claiming');
      expect(await tasks.end(id)).toBe(true);
      const held = await leases(id);
      expect(await child.next()).toBe('SESSION_ENDED');
      expect(await leases(id)).toBe(held);
    }
    await backend.close();
  });

  test('a writer that is killed while it commits leaves whole batches, and every acknowledged one', async () => {
    const file = fresh();
    const { backend } = await openTasks(file);
    for (const writer of ['a', 'b', 'c', 'd', 'e']) {
      const child = new Child('produce', file, writer);
      let acknowledged = (await child.next()) as number;
      const log = watch(`${file}-wal`, () => child.kill());
      acknowledged = Math.max(acknowledged, ...((await child.rest(true)) as number[]));
      log.close();
      const batches = batchesOf(file, writer);
      expect(batches.filter(({ count }) => count !== 2_000)).toEqual([]);
      expect(batches.length).toBeGreaterThan(acknowledged);
    }
    await backend.close();
  });

  test('what a killed worker held is found under its session, sent back and done once', async () => {
    const file = fresh();
    const { backend, tasks, now } = await openTasks(file);
    await tasks.insert(tasksOf(20_000, now), now);
    const child = new Child('drain', file, 'killed');
    const said: Drained[] = [];
    while (said.length < 20) said.push((await child.next()) as Drained);
    child.kill();
    said.push(...((await child.rest(true)) as Drained[]));
    const [session] = await tasks.sessions();
    expect(session).toMatchObject({ id: 'killed', ended: false });
    const held = (await tasks.list({ session: 'killed', states: ['running'], limit: 100 })).items;
    expect(held).toHaveLength(session?.leases ?? -1);
    expect(await tasks.end('killed', session?.beats)).toBe(true);
    const back = { state: 'waiting', runAt: now, startedAt: null } as const;
    await tasks.update(
      held.map(({ id, lease }) => ({ id, guard: { lease }, set: back })),
      now,
    );
    await openSession(tasks, 'heir', now);
    const last = Math.max(...said.flatMap(({ leases }) => leases));
    const claimed = await tasks.claim(claimRequest('heir', 1, now, 20_000));
    expect(Math.min(...claimed.map(({ lease }) => lease))).toBeGreaterThan(last);
    const settled = said.flatMap((each) => each.settled);
    const ids = new Set([...settled, ...claimed.map(({ id }) => id)]);
    expect(ids.size).toBe(20_000);
    // The commit that was under way when it was killed may stand without anybody having heard of it.
    const completed = (await tasks.count(now)).find(({ state }) => state === 'completed')?.count ?? 0;
    expect(completed + claimed.length).toBe(20_000);
    await backend.close();
  });
});
