import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { openArena } from './arena.ts';
import { exactNow, type Commands, type Holding } from './measure/commands.ts';
import { RemoteProcess } from './measure/remote-process.ts';
import { UsageError } from './options.ts';
import { MissingServer } from '@omniq/testkit/servers';
import { loadSystem, systemNames } from './systems/load-system.ts';
import { rounded } from './table.ts';

const help = `Measures what a backlog costs: to write it, to begin with it, to hold it, and to work it off.

  node apps/bench/src/backlog.ts [--tasks 1000000] [--system omniq-file] [--folder F]

  --tasks N    how many wait, with 100 bytes of payload each (default 1000000)
  --system S   whose (default omniq-file); the tasks must outlive the process
  --folder F   where its files lie during the measurement (default: the system's temporary folder)`;

const pollMs = 2;
/** So long the backlog is worked off, for a rate. */
const workMs = 5000;
const startLimitMs = 600_000;

type Target = Commands['open']['take'];
type Line = readonly [what: string, figure: string];

async function measure(name: string, tasks: number, place: string | undefined): Promise<Line[]> {
  const system = await loadSystem(name);
  if (!system.shared) throw new UsageError(`--system: the tasks of ${name} end with their process.`);
  const arena = await openArena(system.store, place);
  try {
    const scope = 'backlog';
    const url = arena.url(scope);
    const open = { system: name, url, scope, create: false };
    const empty = await hold({ ...open, create: true }, 0);
    const seconds = await fill(open, tasks);
    const parts = system.store === 'file' ? await bytesOfParts(url) : [];
    const held = await hold(open, tasks);
    const { firstMs, perSecond } = await begin(open, tasks);
    const each = (mb: number): string =>
      `${rounded(Math.max(0, mb))} MB: ${rounded(Math.max(0, mb * 1e6) / tasks)} bytes a task`;
    return [
      ['written in bulk', `${rounded(tasks / seconds)} tasks/s`],
      ...parts.map(([part, bytes]): Line => [`on the disk, ${part}`, each(bytes / 1e6)]),
      ['process start until all are counted', `${rounded(held.startMs)} ms (with none: ${rounded(empty.startMs)} ms)`],
      ['process start until the first runs', `${rounded(firstMs)} ms`],
      ['worked off in the first seconds', `${rounded(perSecond)} tasks/s`],
      ['resident memory, less that with none', each(held.rssMb - empty.rssMb)],
      ['memory in use, less that with none', each(held.usedMb - empty.usedMb)],
    ];
  } finally {
    await arena.stop();
  }
}

/** Opens the queue in a process of its own; everything is timed from its start. */
async function within<Figure>(target: Target, use: (remote: RemoteProcess) => Promise<Figure>): Promise<Figure> {
  const remote = new RemoteProcess(['--expose-gc']);
  try {
    await remote.call('open', target);
    return await use(remote);
  } finally {
    await remote.stop();
  }
}

function hold(target: Target, expected: number): Promise<Holding & { startMs: number }> {
  const start = exactNow();
  return within(target, async (remote) => {
    const held = await remote.call('hold', null);
    if (held.left !== expected) throw new Error(`${held.left} of ${expected} tasks were counted.`);
    return { ...held, startMs: held.at - start };
  });
}

function fill(target: Target, n: number): Promise<number> {
  return within(target, async (remote) => {
    const start = performance.now();
    await remote.call('preload', { n, delayed: false });
    return (performance.now() - start) / 1000;
  });
}

function begin(target: Target, tasks: number): Promise<{ firstMs: number; perSecond: number }> {
  const start = exactNow();
  return within(target, async (remote) => {
    await remote.call('work', null);
    for (;;) {
      const { ran, firstAt, lastAt } = await remote.call('progress', null);
      const worked = ran === 0 ? 0 : exactNow() - firstAt;
      if (ran >= tasks || worked > workMs)
        return { firstMs: firstAt - start, perSecond: ran / ((lastAt - firstAt) / 1000) };
      if (ran === 0 && exactNow() > start + startLimitMs) throw new Error('No task was started in time.');
      await sleep(pollMs);
    }
  });
}

/** What lies in each part of a folder, the empty ones left out. */
async function bytesOfParts(folder: string): Promise<(readonly [part: string, bytes: number])[]> {
  const parts = await readdir(folder, { withFileTypes: true });
  const folders = parts.filter((part) => part.isDirectory()).map(({ name }) => name);
  const sizes = await Promise.all(folders.map(async (part) => [part, await bytesIn(join(folder, part))] as const));
  return sizes.filter(([, bytes]) => bytes > 0);
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}

async function main(args: string[]): Promise<void> {
  const { tasks, system, folder, help: isAsked } = parsed(args);
  if (isAsked === true) return console.log(help);
  const count = Number(tasks);
  if (!Number.isInteger(count) || count < 1) throw new UsageError(`--tasks is how many wait, not ${tasks}.`);
  if (!systemNames.includes(system)) throw new UsageError(`--system: known are ${systemNames.join(', ')}.`);
  const table = new Table({ head: [`${system}, ${count} tasks wait`, ''], style: { head: [], border: [] } });
  for (const line of await measure(system, count, folder)) table.push([...line]);
  console.log(table.toString());
}

function parsed(args: string[]) {
  const options = {
    tasks: { type: 'string', default: '1000000' },
    system: { type: 'string', default: 'omniq-file' },
    folder: { type: 'string' },
    help: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args, options }).values;
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof MissingServer)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
