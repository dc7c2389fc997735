/**
 * From the insert in one process to the claim in another, woken by the file. Prints ms, p50 and p99.
 * `node bench/latency.ts [tasks] [full|normal]`
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TaskStore } from '@omniq/core/storage';
import { sqlite } from '../src/index.ts';

const [count = '300', synchronous = 'full', file = ''] = process.argv.slice(2);
const options = { synchronous: synchronous as 'full' | 'normal' };

async function produce(): Promise<void> {
  const { tasks } = (await sqlite(file, options)) as { tasks: TaskStore };
  const inserts: number[] = [];
  for (let n = 0; n < Number(count); n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 10));
    const now = (await tasks.time?.()) as number;
    const stamp = Buffer.from(String(performance.timeOrigin + performance.now()));
    const rest = {
      expiresAt: null,
      unique: null,
      orderKey: null,
      limitKey: null,
      parents: [],
      spec: null,
      holdMs: 60_000,
    };
    const row = {
      ...rest,
      id: `task-${n}`,
      queue: 'default',
      name: 'work',
      priority: 0,
      runAt: now,
      admitBy: now + 900_000,
      body: stamp,
    };
    const start = performance.now();
    await tasks.insert([row], now);
    inserts.push(performance.now() - start);
  }
  report('insert', inserts);
}

async function consume(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'omniq-latency-'));
  const path = join(folder, 'jobs.db');
  const backend = await sqlite(path, options);
  const tasks = backend.tasks as TaskStore;
  await tasks.open({ id: 's', host: 'h', pid: 1, processStart: '1' }, 0);
  const took: number[] = [];
  let request = 0;
  await new Promise<void>((resolve) => {
    tasks.watch?.(() => void claim(resolve));
    fork(fileURLToPath(import.meta.url), [count, synchronous, path]);
  });
  async function claim(done: () => void): Promise<void> {
    request += 1;
    const now = (await tasks.time?.()) as number;
    const claimed = await tasks.claim({ session: 's', lane: 0, request, queues: ['default'], limit: 9, start: 9, now });
    const at = performance.timeOrigin + performance.now();
    for (const { body } of claimed) took.push(at - Number(Buffer.from(body ?? []).toString()));
    if (took.length === Number(count)) done();
  }
  report('insert to claim', took);
  await backend.close();
  rmSync(folder, { recursive: true });
}

function report(name: string, took: number[]): void {
  const sorted = took.toSorted((a, b) => a - b);
  const [p50 = 0, p99 = 0] = [0.5, 0.99].map((share) => sorted[Math.floor(sorted.length * share)]);
  console.log(`${name.padEnd(16)} p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
}

await (file === '' ? consume() : produce());
