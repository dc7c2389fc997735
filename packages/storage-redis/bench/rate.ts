/**
 * What inserts, claims and ends cost the server and this process: microseconds of CPU a task, and bytes of the server's
 * memory. `node bench/rate.ts [tasks] [batches, as 100,500]`
 */
import { readFileSync } from 'node:fs';
import type { Change, ClaimedTask, NewTask, TaskStore } from '@omniq/core/storage';
import { startRedis } from '@omniq/testkit/servers';
import { Redis } from 'ioredis';
import { redis } from '../src/index.ts';

const COUNT = Number(process.argv[2] ?? 30_000);
const BATCHES = (process.argv[3] ?? '100,500').split(',').map(Number);
const BODY = Buffer.from(JSON.stringify('x'.repeat(100)));
const RESULT = Buffer.from('1');
/** Ids as the core mints them are as long. */
const TAIL = '-0000-7000-8000-000000000000';

const server = await startRedis();
const admin = new Redis(server.url);

/** Microseconds that the server's process has run, all its threads together. */
function serverTime(): number {
  return Number(readFileSync(`/proc/${server.pid}/schedstat`, 'utf8').split(' ')[0]) / 1_000;
}

function clientTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function memory(): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1]);
}

async function measure(name: string, count: number, work: () => Promise<unknown>): Promise<void> {
  const [onServer, onClient, bytes, started] = [serverTime(), clientTime(), await memory(), performance.now()];
  await work();
  const elapsed = performance.now() - started;
  const each = (value: number, digits: number): string => (value / count).toFixed(digits).padStart(7);
  console.log(
    `${name.padEnd(20)}${each(serverTime() - onServer, 2)} us server${each(clientTime() - onClient, 2)} us client` +
      `${each((await memory()) - bytes, 0)} bytes${((count / elapsed) * 1_000).toFixed(0).padStart(9)} a second`,
  );
}

let minted = 0;

function rowOf(now: number): NewTask {
  const none = { expiresAt: null, unique: null, orderKey: null, limitKey: null, parents: [], spec: null };
  const due = { queue: 'default', name: 'work', priority: 0, runAt: now, admitBy: now + 900_000, holdMs: 60_000 };
  minted += 1;
  return { id: minted.toString(16).padStart(8, '0') + TAIL, ...due, ...none, body: BODY };
}

async function insert(tasks: TaskStore, count: number, batch: number): Promise<void> {
  for (let at = 0; at < count; at += batch) {
    const now = Date.now();
    // oxlint-disable-next-line no-await-in-loop -- one caller
    await tasks.insert(
      Array.from({ length: batch }, () => rowOf(now)),
      now,
    );
  }
}

function ended({ id, lease, attempt, startedAt }: ClaimedTask, now: number): Change {
  const set = { state: 'completed', attempt: attempt + 1, startedAt, finishedAt: now } as const;
  return { id, guard: { lease }, set, result: RESULT, resultExpiresAt: null };
}

let requests = 0;

async function drain(tasks: TaskStore, limit: number): Promise<void> {
  let held: readonly ClaimedTask[] = [];
  do {
    const now = Date.now();
    requests += 1;
    const request = { session: 's', lane: 0, request: requests, queues: ['default'], limit, start: limit, now };
    const changes = held.map((task) => ended(task, now));
    // oxlint-disable-next-line no-await-in-loop -- one worker
    const outcome = await tasks.swap?.(changes, request);
    if (outcome?.outcomes.some(({ status }) => status !== 'applied')) throw new Error('An end was refused.');
    held = outcome?.claimed ?? [];
  } while (held.length > 0);
}

const backend = await redis({ url: server.url });
const tasks = backend.tasks as TaskStore;
await tasks.open({ id: 's', host: 'h', pid: 1, processStart: '1' }, Date.now());
// Code is compiled before anything counts.
await insert(tasks, 10_000, 100);
await drain(tasks, 100);
for (const batch of BATCHES) {
  await measure(`insert ${batch}`, COUNT, () => insert(tasks, COUNT, batch));
  await measure(`swap ${batch}`, COUNT, () => drain(tasks, batch));
}
await measure('insert 1', COUNT / 10, () => insert(tasks, COUNT / 10, 1));
await measure('swap 100', COUNT / 10, () => drain(tasks, 100));
await insert(tasks, COUNT / 10, 100);
await measure('swap 10', COUNT / 10, () => drain(tasks, 10));
await backend.close();
admin.disconnect();
await server.stop();
