/**
 * What a claim costs when much is in its way: tasks that run, and tasks of the top priority that are not due. Prints
 * microseconds a claim of 50. `node bench/claim.ts [running] [delayed]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NewTask, TaskStore } from '@omniq/core/storage';
import { sqlite } from '../src/index.ts';

const running = Number(process.argv[2] ?? 50_000);
const delayed = Number(process.argv[3] ?? 200_000);
const CLAIMS = 200;
const folder = mkdtempSync(join(tmpdir(), 'omniq-claim-'));

async function fill(
  tasks: TaskStore,
  count: number,
  prefix: string,
  now: number,
  given: Partial<NewTask>,
): Promise<void> {
  for (let at = 0; at < count; at += 5_000) {
    const rows = Array.from({ length: Math.min(5_000, count - at) }, (_, n) => ({
      ...blank(now),
      id: `${prefix}-${at + n}`,
      ...given,
    }));
    await tasks.insert(rows, now);
  }
}

function blank(now: number): Omit<NewTask, 'id'> {
  const nothing = { expiresAt: null, unique: null, orderKey: null, limitKey: null, body: null, spec: null } as const;
  return {
    ...nothing,
    queue: 'default',
    name: 'work',
    priority: 0,
    runAt: now,
    admitBy: now + 900_000,
    holdMs: 60_000,
    parents: [],
  };
}

async function measure(name: string, held: number, ahead: number): Promise<void> {
  const backend = await sqlite(join(folder, `${name}.db`), { synchronous: 'normal' });
  const tasks = backend.tasks as TaskStore;
  const now = (await tasks.time?.()) as number;
  const request = { session: 's', lane: 0, queues: ['default'], start: 50, now };
  await tasks.open({ id: 's', host: 'h', pid: 1, processStart: '1' }, now);
  await fill(tasks, held, 'run', now, { priority: 1_000 });
  await tasks.claim({ ...request, request: 1, limit: Math.max(1, held) });
  await fill(tasks, ahead, 'later', now, { priority: 1_000, runAt: now + 3_600_000 });
  await fill(tasks, CLAIMS * 50, 'due', now, { priority: -5 });
  const took: number[] = [];
  for (let n = 0; n < CLAIMS; n += 1) {
    const start = performance.now();
    const claimed = await tasks.claim({ ...request, request: n + 2, limit: 50 });
    took.push((performance.now() - start) * 1_000);
    if (claimed.length !== 50) throw new Error(`a claim found ${claimed.length}`);
  }
  const idle = performance.now();
  for (let n = 0; n < CLAIMS; n += 1) await tasks.claim({ ...request, request: CLAIMS + n + 2, limit: 50 });
  const idleTook = ((performance.now() - idle) * 1_000) / CLAIMS;
  const sorted = took.toSorted((a, b) => a - b);
  const [median = 0, most = 0] = [sorted[CLAIMS >> 1], sorted[Math.floor(CLAIMS * 0.99)]];
  console.log(
    `${name.padEnd(12)} claim of 50: p50 ${median.toFixed(0)} us, p99 ${most.toFixed(0)} us; idle claim ${idleTook.toFixed(0)} us`,
  );
  await backend.close();
}

await measure('empty', 0, 0);
await measure('in-the-way', running, delayed);
rmSync(folder, { recursive: true });
