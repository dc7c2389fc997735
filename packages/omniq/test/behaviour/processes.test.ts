import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createOmniQ, defineTask, silent } from '../../src/index.ts';
import { after, freshUrl } from './stores.ts';

const script = fileURLToPath(new URL('./worker-process.ts', import.meta.url));
const note = defineTask({ name: 'note', run: (n: number) => void n });

interface Child {
  readonly process: ChildProcess;
  readonly lines: string[];
  readonly errors: string[];
  readonly exit: Promise<unknown>;
}

function start(url: string, mode = 'drain'): Child {
  const child = spawn(process.execPath, [script, url, mode], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const errors: string[] = [];
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  after(async () => child.kill('SIGKILL'));
  return { process: child, lines, errors, exit: once(child, 'exit') };
}

test('two processes on one file run every task once, in order of priority, and never see a busy database', async () => {
  const url = await freshUrl('sqlite');
  const omniq = await createOmniQ({ tasks: url, logger: silent });
  after(() => omniq.close());
  const entries = Array.from({ length: 3_000 }, (_, n) => [note, n, { priority: n % 3 }] as const);
  await omniq.enqueueMany(entries);
  const children = [start(url), start(url)];
  await Promise.all(children.map(({ exit }) => exit));
  const ids = children.flatMap(({ lines }) => lines.map((line) => line.split(' ')[0]));
  expect(ids).toHaveLength(3_000);
  expect(new Set(ids).size).toBe(3_000);
  for (const { lines, errors } of children) {
    expect(errors.join('')).not.toContain('SQLITE_BUSY');
    const priorities = lines.map((line) => Number(line.split(' ')[1]));
    expect(priorities).toEqual(priorities.toSorted((a, b) => b - a));
  }
  expect(await omniq.tasks.count()).toEqual([{ queue: 'default', state: 'completed', count: 3_000 }]);
}, 60_000);

test('what a killed process held runs in the next one on this host, without waiting for its lease', async () => {
  const url = await freshUrl('sqlite');
  const omniq = await createOmniQ({ tasks: url, logger: silent });
  after(() => omniq.close());
  const handle = await omniq.enqueue(note, 1);
  const first = start(url, 'hang');
  await expect.poll(() => first.lines.length, { timeout: 20_000 }).toBe(1);
  first.process.kill('SIGKILL');
  await first.exit;
  expect(await handle.get()).toMatchObject({ state: 'running', crashes: 0 });
  const second = start(url);
  await second.exit;
  expect(second.lines).toHaveLength(1);
  expect(await handle.get()).toMatchObject({ state: 'completed', crashes: 1, attempt: 1 });
}, 60_000);
