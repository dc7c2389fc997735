import { appendFileSync, chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOmniQ } from '@omniq/omniq';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { MainProcess, type Ended } from '../src/main-process.ts';
import type { Report } from '../src/report.ts';
import { writeSampleTree } from '../src/sample-tree.ts';
import { tempFolder } from './temp-folder.ts';

// Processes are started and killed, on machines that may have other things to do.
vi.setConfig({ testTimeout: 120_000 });

const FILES = 120;

async function sampleTree(): Promise<string> {
  const folder = tempFolder();
  await writeSampleTree(folder, FILES);
  return folder;
}

/** Whatever becomes of the test, no process outlives it. */
function start(args: readonly string[]): MainProcess {
  const process = new MainProcess(args);
  onTestFinished(() => void process.child.kill('SIGKILL'));
  return process;
}

function run(...args: readonly string[]): Promise<Ended> {
  return start(args).ended;
}

/** The report of a run that has to succeed. */
async function reportOf(...args: readonly string[]): Promise<Report> {
  return reportIn(await run(...args));
}

function reportIn({ code, report, stderr }: Ended): Report {
  if (report === null) throw new Error(`The process ended with ${code}:\n${stderr}`);
  return report;
}

/** Runs until the text has been written so many times, then kills at once. */
async function killAt(text: string, times: number, args: readonly string[]): Promise<Ended> {
  const process = start(args);
  let seen = '';
  process.child.stderr?.on('data', (chunk: Buffer) => {
    seen += chunk;
    if (seen.split(text).length > times) process.child.kill('SIGKILL');
  });
  const ended = await process.ended;
  if (ended.code !== null)
    throw new Error(`The process ended with ${ended.code} before it could be killed:\n${ended.stderr}`);
  return ended;
}

/** What any two runs over one folder share. */
function theSameOfAll({
  digest,
  files,
  bytes,
  words,
  duplicates,
  tasks,
  largest,
  mostDuplicated,
}: Report): Partial<Report> {
  return { digest, files, bytes, words, duplicates, tasks, largest, mostDuplicated };
}

async function queuesIn(storage: string): Promise<readonly string[]> {
  const omniq = await createOmniQ({ storage, logging: { disabled: true } });
  const queues = await omniq.queues.list();
  await omniq.close();
  return queues.map(({ name }) => name);
}

const newDatabase = (): string => `sqlite:${join(tempFolder(), 'queue.db')}`;

test.each([
  ['memory', (): string => 'memory'],
  ['SQLite', newDatabase],
])('indexes a folder through %s', async (_name, storage) => {
  const report = await reportOf(await sampleTree(), '--storage', storage(), '--batch', '8');
  expect(report).toMatchObject({
    files: FILES,
    unreadable: 0,
    // A scan, 15 batches, one gathering, the summary.
    tasks: 18,
    completed: 18,
    resumed: false,
    finishedBefore: false,
    rescued: 0,
  });
  expect(report.digest).toMatch(/^[0-9a-f]{64}$/);
  expect(report.bytes).toBeGreaterThan(0);
  expect(report.words).toBeGreaterThan(0);
  expect(report.duplicates).toBeGreaterThan(0);
  expect(report.largest).toHaveLength(10);
  expect(report.mostDuplicated[0]?.copies).toBeGreaterThan(1);
  expect(report.latency.run?.p99).toBeGreaterThanOrEqual(report.latency.run?.p50 ?? Infinity);
});

test('the digest is that of the files, whatever the store, the batches and the place', async () => {
  const [one, other] = [await sampleTree(), await sampleTree()];
  const digests = await Promise.all([
    reportOf(one, '--storage', 'memory', '--batch', '3', '--concurrency', '2'),
    reportOf(one, '--storage', newDatabase(), '--batch', '50'),
    reportOf(other, '--storage', 'memory'),
  ]);
  expect(new Set(digests.map(({ digest }) => digest)).size).toBe(1);
});

describe('killed with kill -9', () => {
  test.each([
    ['while it scans', 'EXECUTING quickstart.scan', 1],
    ['once it has scanned', 'COMPLETE quickstart.scan', 1],
    ['when a part of the batches is in line', 'ENQUEUED quickstart.index', 60],
    ['when a part of the batches is done', 'COMPLETE quickstart.index', 40],
    ['while it gathers', 'EXECUTING quickstart.gather', 2],
    ['before its summary is in line', 'ENQUEUED quickstart.gather', 3],
    ['while it sums up', 'EXECUTING quickstart.summary', 1],
    ['once it has summed up', 'COMPLETE quickstart.summary', 1],
  ])('%s, it goes on to the same summary', async (_when, text, times) => {
    const folder = await sampleTree();
    const undisturbed = await reportOf(folder, '--storage', newDatabase(), '--batch', '1');
    const args = [folder, '--storage', newDatabase(), '--batch', '1'];
    const killed = await killAt(text, times, args);
    // What a run is about was fixed by its scan, if that was done.
    if ([...killed.completed].some((task) => task.endsWith('/scan')))
      writeFileSync(join(folder, 'late.txt'), 'came too late');
    const resumed = await run(...args);
    expect(theSameOfAll(reportIn(resumed))).toEqual(theSameOfAll(undisturbed));
    // Nothing ran again after the store had taken it as completed, and everything ran.
    expect(resumed.started.filter((task) => killed.completed.has(task))).toEqual([]);
    expect(new Set([...killed.started, ...resumed.started]).size).toBe(undisturbed.tasks);
  });

  test('a file that comes after the scan is not in the run, but in a fresh one', async () => {
    const folder = await sampleTree();
    const args = [folder, '--storage', newDatabase(), '--batch', '1'];
    await killAt('COMPLETE quickstart.index', 5, args);
    writeFileSync(join(folder, 'late.txt'), 'came too late');
    expect(await reportOf(...args)).toMatchObject({ files: FILES, resumed: true, finishedBefore: false });
    expect(await reportOf(...args, '--fresh')).toMatchObject({ files: FILES + 1, resumed: false });
  });

  test('so often at the same task that the queue gives the task up, the same command tries it again', async () => {
    const folder = await sampleTree();
    const args = [folder, '--storage', newDatabase()];
    for (let kill = 0; kill < 5; kill += 1) await killAt('EXECUTING quickstart.scan', 1, args);
    expect(await reportOf(...args)).toMatchObject({ files: FILES, resumed: true });
  });
});

test('Ctrl-C hands running tasks back, exits with 130 and leaves the rest for the next command', async () => {
  const folder = await sampleTree();
  const args = [folder, '--storage', newDatabase(), '--batch', '1'];
  const process = start(args);
  let seen = '';
  process.child.stderr?.on('data', (chunk: Buffer) => {
    seen += chunk;
    if (seen.includes('COMPLETE quickstart.scan')) process.child.kill('SIGINT');
  });
  const stopped = await process.ended;
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toContain('The same command goes on from here.');
  expect(await reportOf(...args)).toMatchObject({ files: FILES, resumed: true, rescued: 0 });
});

test('a finished run says so and tells its summary again; --fresh begins anew and forgets the old one', async () => {
  const [folder, storage] = [await sampleTree(), newDatabase()];
  const args = [folder, '--storage', storage];
  const first = await reportOf(...args);
  const second = await run(...args);
  expect(second.report).toMatchObject({ digest: first.digest, run: first.run, finishedBefore: true, completed: 0 });
  expect(second.started).toEqual([]);

  appendFileSync(join(folder, 'part-1/deep-1/file-1.txt'), ' one more word');
  const fresh = await reportOf(...args, '--fresh');
  expect(fresh).toMatchObject({ finishedBefore: false, completed: first.tasks, words: first.words + 3 });
  expect(fresh.digest).not.toBe(first.digest);
  expect(await reportOf(...args)).toMatchObject({ run: fresh.run, digest: fresh.digest, finishedBefore: true });
  expect(await queuesIn(storage)).toEqual([fresh.run]);
});

test('--fresh drops a run that was killed half way', async () => {
  const [folder, storage] = [await sampleTree(), newDatabase()];
  const args = [folder, '--storage', storage, '--batch', '1'];
  await killAt('COMPLETE quickstart.index', 20, args);
  const fresh = await reportOf(...args, '--fresh');
  expect(fresh).toMatchObject({ files: FILES, resumed: false, completed: fresh.tasks });
  expect(await queuesIn(storage)).toEqual([fresh.run]);
});

test('two processes share one run', async () => {
  const folder = await sampleTree();
  const args = [folder, '--storage', newDatabase(), '--batch', '1'];
  const both = await Promise.all([run(...args), run(...args)]);
  const [one, other] = both.map(reportIn) as [Report, Report];
  expect(one.digest).toBe(other.digest);
  const started = both.flatMap((ended) => ended.started);
  expect(new Set(started).size).toBe(one.tasks);
  expect(started).toHaveLength(one.tasks);
});

test('folders do not share runs, though they share a database', async () => {
  const storage = newDatabase();
  const [one, other] = [await sampleTree(), tempFolder({ 'only.txt': 'a single file' })];
  expect(await reportOf(one, '--storage', storage)).toMatchObject({ files: FILES });
  expect(await reportOf(other, '--storage', storage)).toMatchObject({ files: 1, words: 3 });
  expect(await reportOf(one, '--storage', storage)).toMatchObject({ files: FILES, finishedBefore: true });
});

test('an empty folder is a run like any other', async () => {
  const report = await reportOf(tempFolder(), '--storage', newDatabase());
  expect(report).toMatchObject({ files: 0, bytes: 0, tasks: 2, largest: [], mostDuplicated: [] });
});

test('loops of links, odd names, and files that cannot be read are all in a day', async () => {
  const folder = tempFolder({
    'line\nbreak \u001b[31m': 'one two',
    'ключ-鍵-🔑': 'three',
    'plain.txt': 'four',
    sealed: 'five',
  });
  mkdirSync(join(folder, 'sub'));
  symlinkSync('..', join(folder, 'sub/loop'));
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/not-utf8-`), Buffer.from([0xff])]), 'cannot be asked for');
  chmodSync(join(folder, 'sealed'), 0o000);
  const sealed = process.getuid?.() === 0 ? [] : [['sealed', 'EACCES']];
  const report = await reportOf(folder, '--storage', 'memory');
  expect(report).toMatchObject({ files: 5, words: 5 - sealed.length, unreadable: 1 + sealed.length });
  expect(report.unreadablePaths).toEqual([['not-utf8-\uFFFD', 'ENOENT'], ...sealed]);
  expect(report.largest.map(({ path }) => path)).toContain('line\nbreak \u001b[31m');
});

test('a file that went after the scan is told, not fatal', async () => {
  const folder = await sampleTree();
  const args = [folder, '--storage', newDatabase(), '--batch', '1', '--concurrency', '1'];
  await killAt('COMPLETE quickstart.scan', 1, args);
  rmSync(join(folder, 'part-9'), { recursive: true });
  const report = await reportOf(...args);
  expect(report.files).toBe(FILES);
  expect(report.unreadable).toBeGreaterThan(0);
  expect(report.unreadablePaths[0]).toEqual([expect.stringMatching(/^part-9\//), 'ENOENT']);
});

test('the files of the queue itself are not indexed', async () => {
  const folder = tempFolder({ 'one.txt': 'x' });
  expect(await reportOf(folder, '--storage', `sqlite:${folder}/queue.db`)).toMatchObject({ files: 1, bytes: 1 });
});

describe('wrong use', () => {
  test.each([
    [['/nowhere'], 'There is no folder /nowhere.'],
    [['--storage', 'nonsense'], 'expected memory, sqlite:PATH or a URL'],
    [['--storage', 'carrier-pigeon://loft'], 'carrier-pigeon'],
    [['--fast'], "Unknown option '--fast'"],
  ])('%j exits with 2 and one sentence', async (args, message) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
