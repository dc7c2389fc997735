/**
 * What inserts and swaps cost the server and this process, a task: microseconds of CPU and bytes of write-ahead log, beside
 * the smallest queue that leases. `node bench/rate.ts [15|18] [tasks]`
 */
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import type { Change, ClaimedTask, NewTask, TaskStore } from '@omniq/core/storage';
import { startPostgres, type Server } from '@omniq/testkit/servers';
import { postgres } from '../src/index.ts';

const version = process.argv[2] === '15' ? '15' : '18';
const COUNT = Number(process.argv[3] ?? 30_000);
const BODY = Buffer.from(JSON.stringify('x'.repeat(100)));
const RESULT = Buffer.from('1');

interface Reading {
  readonly server: number;
  readonly wal: number;
  readonly client: number;
}

/** Microseconds that all processes of the server have run, those that have ended too. */
function serverTime(server: Server): number {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === server.pid);
  return [`${server.pid}`, ...children].reduce((sum, pid) => sum + timeOf(pid), 0);
}

function parentOf(pid: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

function timeOf(pid: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1_000;
  } catch {
    return 0;
  }
}

const server = await startPostgres({ version, settings: { autovacuum: 'off' } });
const admin = new pg.Pool({ connectionString: server.url, max: 1 });
admin.on('error', () => {});

async function read(): Promise<Reading> {
  const { rows } = await admin.query<{ wal: string }>(`select pg_current_wal_insert_lsn() - '0/0' as wal`);
  const { user, system } = process.cpuUsage();
  return { server: serverTime(server), wal: Number(rows[0]?.wal), client: user + system };
}

async function measure(name: string, tasks: number, work: () => Promise<void>): Promise<void> {
  await admin.query('checkpoint');
  const before = await read();
  await work();
  const after = await read();
  const per = (key: keyof Reading, digits: number): string =>
    ((after[key] - before[key]) / tasks).toFixed(digits).padStart(7);
  console.log(`${name.padEnd(24)} ${per('server', 1)} us server ${per('wal', 0)} B log ${per('client', 1)} us client`);
}

function rowOf(id: string, now: number): NewTask {
  const none = { expiresAt: null, unique: null, orderKey: null, limitKey: null, parents: [], spec: null };
  const due = { queue: 'default', name: 'work', priority: 0, runAt: now, admitBy: now + 900_000, holdMs: 60_000 };
  return { id, ...due, ...none, body: BODY };
}

let minted = 0;

/** As the core mints them: time first. */
function nextId(now: number): string {
  minted += 1;
  const random = Math.floor(Math.random() * 2 ** 32).toString(16);
  return `${now.toString(16)}-${minted.toString(16).padStart(8, '0')}-${random.padStart(8, '0')}-0000`;
}

async function insert(tasks: TaskStore, count: number, batch: number): Promise<void> {
  for (let at = 0; at < count; at += batch) {
    const now = Date.now();
    await tasks.insert(
      Array.from({ length: batch }, () => rowOf(nextId(now), now)),
      now,
    );
  }
}

function ended({ id, lease, attempt }: ClaimedTask, now: number): Change {
  const set = { state: 'completed', attempt: attempt + 1, finishedAt: now } as const;
  return { id, guard: { lease }, set, result: RESULT, resultExpiresAt: now + 3_600_000 };
}

let requests = 0;

async function drain(tasks: TaskStore, limit: number): Promise<void> {
  for (let held: readonly ClaimedTask[] = [], going = true; going;) {
    const now = Date.now();
    requests += 1;
    const request = { session: 's', lane: 0, request: requests, queues: ['default'], limit, start: limit, now };
    const outcome = await tasks.swap?.(
      held.map((task) => ended(task, now)),
      request,
    );
    held = outcome?.claimed ?? [];
    going = held.length > 0;
    if (outcome?.outcomes.some(({ status }) => status !== 'applied')) throw new Error('a swap was refused');
  }
}

const RAW = `
create table job (id int8 generated always as identity primary key, priority int2 not null default 0, worker text,
  leased_until int8, payload text not null) with (fillfactor = 80);
create index job_due on job (priority desc, id) where worker is null`;

const RAW_ADD = `insert into job (payload) select p from unnest($1::text[]) p`;

const RAW_SWAP = `
with done as (delete from job where id = any($1::int8[]) and worker = $2),
due as (select id from job where worker is null order by priority desc, id limit $3 for update skip locked)
update job j set worker = $2, leased_until = $4 from due where j.id = due.id returning j.id, j.payload`;

async function rawAdd(count: number, batch: number): Promise<void> {
  for (let at = 0; at < count; at += batch) {
    const payloads = Array.from({ length: batch }, () => BODY.toString());
    await admin.query({ name: 'add', text: RAW_ADD, values: [payloads] });
  }
}

async function rawDrain(limit: number): Promise<void> {
  for (let held: { id: string }[] = [], going = true; going; going = held.length > 0) {
    const values = [held.map(({ id }) => id), 'w', limit, Date.now()];
    held = (await admin.query<{ id: string }>({ name: 'swap', text: RAW_SWAP, values })).rows;
  }
}

await admin.query(RAW);
const backend = postgres({ url: server.url, notify: false });
const tasks = backend.tasks as TaskStore;
await tasks.open({ id: 's', host: 'h', pid: 1, processStart: '1' }, Date.now());
// Plans are made, and code is compiled, before anything counts.
await insert(tasks, 5_000, 100);
await drain(tasks, 100);
await rawAdd(5_000, 100);
await rawDrain(100);
for (const batch of [100, 200, 500]) {
  await admin.query('vacuum');
  await measure(`insert ${batch}`, COUNT, () => insert(tasks, COUNT, batch));
  await measure(`swap ${batch}`, COUNT, () => drain(tasks, batch));
  await measure(`raw insert ${batch}`, COUNT, () => rawAdd(COUNT, batch));
  await measure(`raw swap ${batch}`, COUNT, () => rawDrain(batch));
}
await measure('insert 1', 2_000, () => insert(tasks, 2_000, 1));
await measure('raw insert 1', 2_000, () => rawAdd(2_000, 1));
await backend.close();
await admin.end();
await server.stop();
