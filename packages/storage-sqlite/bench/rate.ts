/**
 * What the store reaches against the least that a queue on SQLite can be: a table, a lease column, a partial index.
 * Prints microseconds a task, wall and CPU, the median of interleaved rounds. `node bench/rate.ts [tasks] [rounds]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Change, NewTask } from '@omniq/core/storage';
import { sqlite } from '../src/index.ts';

const tasks = Number(process.argv[2] ?? 50_000);
const rounds = Number(process.argv[3] ?? 5);
const body = Buffer.alloc(100, 1);
const spec = Buffer.alloc(40, 2);
const folder = mkdtempSync(join(tmpdir(), 'omniq-rate-'));
const figures = new Map<string, { wall: number[]; cpu: number[] }>();
let files = 0;

async function timed(name: string, work: () => unknown): Promise<void> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  const figure = figures.get(name) ?? { wall: [], cpu: [] };
  figures.set(name, figure);
  figure.wall.push(((performance.now() - start) * 1_000) / tasks);
  figure.cpu.push((user + system) / tasks);
}

function nextFile(): string {
  files += 1;
  return join(folder, `${files}.db`);
}

async function raw(synchronous: 'FULL' | 'NORMAL'): Promise<void> {
  const db = new Database(nextFile());
  db.pragma('journal_mode = WAL');
  db.pragma(`synchronous = ${synchronous}`);
  db.exec(`CREATE TABLE jobs (seq INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB, lease INTEGER NOT NULL DEFAULT 0, leased_at INTEGER);
    CREATE INDEX ready ON jobs (seq) WHERE leased_at IS NULL`);
  const add = db.prepare('INSERT INTO jobs (body) VALUES (?)');
  const claim = db.prepare(`UPDATE jobs SET leased_at = ?, lease = lease + 1 WHERE seq IN
    (SELECT seq FROM jobs INDEXED BY ready WHERE leased_at IS NULL ORDER BY seq LIMIT 500) RETURNING seq, lease, body`);
  const remove = db.prepare('DELETE FROM jobs WHERE seq = ? AND lease = ?');
  const addAll = db.transaction((count: number) => {
    for (let n = 0; n < count; n += 1) add.run(body);
  });
  const swap = db.transaction((done: { seq: number; lease: number }[]) => {
    for (const { seq, lease } of done) remove.run(seq, lease);
    return claim.all(1) as { seq: number; lease: number }[];
  });
  await timed(`raw insert ${synchronous}`, () => {
    for (let n = 0; n < tasks; n += 1_000) addAll.immediate(1_000);
  });
  await timed(`raw drain ${synchronous}`, () => {
    let held = swap.immediate([]);
    while (held.length > 0) held = swap.immediate(held);
  });
  db.close();
}

async function ours(synchronous: 'full' | 'normal'): Promise<void> {
  const backend = await sqlite(nextFile(), { synchronous });
  const store = backend.tasks;
  if (store?.swap === undefined || store.time === undefined) throw new Error('the store swaps and has a clock');
  const now = await store.time();
  await store.open({ id: 'session', host: 'host', pid: 1, processStart: '1' }, now);
  const rows = Array.from({ length: tasks }, (_, n) => rowOf(n, now));
  await timed(`omniq insert ${synchronous}`, async () => {
    for (let n = 0; n < tasks; n += 1_000) await store.insert(rows.slice(n, n + 1_000), now);
  });
  await timed(`omniq drain ${synchronous}`, async () => {
    let changes: Change[] = [];
    for (let request = 1; ; request += 1) {
      const { claimed } = (await store.swap?.(changes, {
        session: 'session',
        lane: 0,
        request,
        queues: ['default'],
        limit: 500,
        start: 500,
        now,
      })) ?? { claimed: [] };
      changes = claimed.map(({ id, lease, attempt }) => ({
        id,
        guard: { lease },
        set: { attempt: attempt + 1, state: 'completed', finishedAt: now },
      }));
      if (changes.length === 0) return;
    }
  });
  const [counted] = await store.count(now);
  if (counted?.count !== tasks || counted.state !== 'completed')
    throw new Error(`${counted?.count} are ${counted?.state}`);
  await backend.close();
}

function rowOf(n: number, now: number): NewTask {
  const id = `01935a7c-${n
    .toString(16)
    .padStart(12, '0')
    .replace(/(.{4})/, '$1-')}-8000-0123456789ab`;
  return {
    id,
    queue: 'default',
    name: 'work',
    priority: 0,
    runAt: now,
    expiresAt: null,
    admitBy: now + 900_000,
    holdMs: 60_000,
    unique: null,
    orderKey: null,
    limitKey: null,
    parents: [],
    body,
    spec,
  };
}

for (let round = 0; round < rounds; round += 1) {
  await raw('NORMAL');
  await ours('full');
  await raw('FULL');
  await ours('normal');
}
rmSync(folder, { recursive: true });
for (const [name, { wall, cpu }] of [...figures].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
  const sorted = wall.toSorted((a, b) => a - b);
  const [low, median, high] = [sorted[0], sorted[rounds >> 1], sorted.at(-1)].map((us = 0) => us.toFixed(2));
  const busy = (cpu.toSorted((a, b) => a - b)[rounds >> 1] ?? 0).toFixed(2);
  const rate = Math.round(1_000_000 / Number(median)).toLocaleString('en');
  console.log(`${name.padEnd(20)} ${rate.padStart(9)}/s  ${median} us (${low}-${high}), CPU ${busy} us`);
}
