import fs from 'node:fs';
import fsp from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openFileLog } from '../src/index.ts';

/**
 * What an append costs, against the bare cost of what it cannot do without: one flush of the file's data and one of the
 * folder. The steps are timed as calls of both kinds, synchronous and through the thread pool; a flush blocks the loop in
 * the first case, which is why an append does not call it so.
 *
 * `node bench/append.ts [--appends 500] [--bytes 20480] [--folder DIR] [--before 0]` prints medians and p99 in ms.
 */
const { values } = parseArgs({
  options: {
    appends: { type: 'string', default: '500' },
    bytes: { type: 'string', default: '20480' },
    folder: { type: 'string', default: tmpdir() },
    /** Appends without durability before, to see what a long log costs. */
    before: { type: 'string', default: '0' },
  },
});
const [count, size, before] = [Number(values.appends), Number(values.bytes), Number(values.before)];
const root = mkdtempSync(join(values.folder, 'omniq-append-'));
const bytes = Buffer.alloc(size, 'x');
const took = new Map<string, number[]>();

async function timed<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const result = work();
  const value = result instanceof Promise ? await result : result;
  took.set(name, [...(took.get(name) ?? []), performance.now() - start]);
  return value;
}

function print(name: string): void {
  const sorted = (took.get(name) ?? []).toSorted((a, b) => a - b);
  const [p50 = 0, p99 = 0] = [0.5, 0.99].map((share) => sorted[Math.floor(sorted.length * share)]);
  console.log(`${name.padEnd(34)} p50 ${p50.toFixed(3)}  p99 ${p99.toFixed(3)}`);
}

async function bare(): Promise<void> {
  const [folder, temp] = [join(root, 'bare'), join(root, 'temp')];
  fs.mkdirSync(folder);
  const handle = fs.openSync(folder, 'r');
  for (let n = 0; n < count; n += 1) {
    await timed('bare: two flushes, synchronous', () => {
      const file = fs.openSync(temp, 'w');
      fs.writeSync(file, bytes);
      fs.fdatasyncSync(file);
      fs.closeSync(file);
      fs.renameSync(temp, join(folder, `s${n}`));
      fs.fsyncSync(handle);
    });
  }
  fs.closeSync(handle);
}

async function steps(): Promise<void> {
  const [folder, temp] = [join(root, 'steps'), join(root, 'temp')];
  fs.mkdirSync(folder);
  const handle = fs.openSync(folder, 'r');
  const asyncHandle = await fsp.open(folder);
  for (let n = 0; n < count; n += 1) {
    const file = await timed('open, sync', () => fs.openSync(temp, 'wx'));
    await timed('writev, sync', () => fs.writevSync(file, [bytes]));
    await timed('fdatasync, sync', () => fs.fdatasyncSync(file));
    fs.closeSync(file);
    await timed('link, sync', () => fs.linkSync(temp, join(folder, `s${n}`)));
    await timed('unlink, sync', () => fs.unlinkSync(temp));
    await timed('fsync folder, sync', () => fs.fsyncSync(handle));
    const asyncFile = await timed('open, async', () => fsp.open(temp, 'wx'));
    await timed('writev, async', () => asyncFile.writev([bytes]));
    await timed('fdatasync, async', () => asyncFile.datasync());
    await asyncFile.close();
    await timed('link, async', () => fsp.link(temp, join(folder, `a${n}`)));
    await timed('unlink, async', () => fsp.unlink(temp));
    await timed('fsync folder, async', () => asyncHandle.sync());
  }
  await asyncHandle.close();
  fs.closeSync(handle);
}

async function appends(durability: 'full' | 'none', warm: number): Promise<void> {
  const folder = join(root, durability);
  const filler = await openFileLog(folder, { durability: 'none' });
  for (let at = 1; at <= warm; at += 1) await filler.append(bytes.subarray(0, 64), at);
  await filler.close();
  const log = await openFileLog(folder, { durability });
  await timed(`first read after ${warm}, ${durability}`, () => log.read(warm, 1));
  for (let at = warm + 1; at <= warm + count; at += 1)
    await timed(`append, durability ${durability}`, () => log.append(bytes, at));
  await timed(`read ${Math.min(256, count)} entries, ${durability}`, () => log.read(warm, 256));
  await log.close();
}

await bare();
await steps();
await appends('none', before);
await appends('full', before);
for (const name of took.keys()) print(name);
rmSync(root, { recursive: true, force: true });
