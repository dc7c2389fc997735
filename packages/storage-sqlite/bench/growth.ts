/**
 * Whether the store slows down with what lies in it: drains the same number of tasks behind backlogs of different sizes
 * and beside finished ones. Prints microseconds a task. `node bench/growth.ts [backlog ...]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Change, NewTask, TaskStore } from '@omniq/core/storage';
import { sqlite } from '../src/index.ts';

const backlogs = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10_000, 100_000, 500_000];
const DRAINED = 10_000;
const FINISHED = 200_000;
const ROUNDS = 3;
const folder = mkdtempSync(join(tmpdir(), 'omniq-growth-'));
let requests = 0;

async function fill(tasks: TaskStore, count: number, prefix: string, now: number): Promise<void> {
  for (let at = 0; at < count; at += 5_000) {
    const some = Math.min(5_000, count - at);
    const rows = Array.from({ length: some }, (_, n) => rowOf(`${prefix}-${at + n}`, now));
    await tasks.insert(rows, now);
  }
}

function rowOf(id: string, now: number): NewTask {
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
    body: Buffer.alloc(100, 1),
    spec: null,
  };
}

async function drain(tasks: TaskStore, count: number, now: number): Promise<void> {
  let changes: Change[] = [];
  for (let left = count; left > 0; left -= changes.length) {
    requests += 1;
    const request = { session: 's', lane: 0, request: requests, queues: ['default'], limit: 500, start: 500, now };
    const { claimed } = (await tasks.swap?.(changes, request)) ?? { claimed: [] };
    changes = claimed.map(({ id, lease }) => {
      return { id, guard: { lease }, set: { attempt: 1, state: 'completed', finishedAt: now } };
    });
  }
  await tasks.update(changes, now);
}

async function measure(name: string, finished: number, backlog: number): Promise<void> {
  const backend = await sqlite(join(folder, `${name}.db`), { synchronous: 'normal' });
  const tasks = backend.tasks as TaskStore;
  const now = (await tasks.time?.()) as number;
  await tasks.open({ id: 's', host: 'h', pid: 1, processStart: '1' }, now);
  await fill(tasks, finished, 'finished', now);
  await drain(tasks, finished, now);
  await fill(tasks, backlog, 'waiting', now);
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const cpu = process.cpuUsage();
    await drain(tasks, DRAINED, now);
    const { user, system } = process.cpuUsage(cpu);
    took.push((user + system) / DRAINED);
    await fill(tasks, DRAINED, `again-${round}`, now);
  }
  const [low, median, high] = took.toSorted((a, b) => a - b).map((us) => us.toFixed(2));
  console.log(`${name.padEnd(22)} ${median} us of CPU a task (${low}-${high})`);
  await backend.close();
}

await measure('warming up', 0, 20_000);
for (const backlog of backlogs) await measure(`behind ${backlog}`, 0, backlog);
await measure(`${FINISHED} finished`, FINISHED, 10_000);
rmSync(folder, { recursive: true });
