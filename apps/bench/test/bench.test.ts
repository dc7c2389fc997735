import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { RemoteProcess } from '../src/measure/remote-process.ts';
import type { Report } from '../src/report.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const backlog = fileURLToPath(new URL('../src/backlog.ts', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'bench-test-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function bench(...args: string[]): Promise<{ report: Report; stdout: string }> {
  const json = join(folder, `${args.join('_').replaceAll(/\W/g, '_')}.json`);
  const { stdout } = await run(process.execPath, [program, '--profile', 'smoke', '--json', json, ...args]);
  return { report: JSON.parse(await readFile(json, 'utf8')) as Report, stdout };
}

test('a run on memory prints a table and writes every documented field', { timeout: 120_000 }, async () => {
  const systems = ['raw-memory', 'fastq', 'p-queue', 'omniq-memory'];
  const { report, stdout } = await bench('--systems', systems.join(), '--work', 'enqueue-100,drain,latency');
  expect(report.failures).toEqual([]);
  expect(report.machine).toMatchObject({
    cores: expect.any(Number),
    memoryGb: expect.any(Number),
    node: process.version,
  });
  expect(report.versions).toMatchObject({ node: process.versions.node, fastq: expect.stringMatching(/^\d+\./) });
  const lines = report.results.map(({ system, workload }) => `${system} ${workload}`);
  const expected = ['enqueue-100', 'drain', 'latency-p50', 'latency-p99'];
  expect(lines.toSorted()).toEqual(systems.flatMap((system) => expected.map((name) => `${system} ${name}`)).toSorted());
  for (const result of report.results) {
    expect(result).toMatchObject({
      store: 'memory',
      version: expect.stringMatching(/ \d+\.\d+/),
      unit: result.workload.startsWith('latency') ? 'ms' : 'tasks/s',
      repetitions: 3,
      settings: expect.any(String),
    });
    expect(result.min).toBeGreaterThan(0);
    expect(result.median).toBeGreaterThanOrEqual(result.min);
    expect(result.max).toBeGreaterThanOrEqual(result.median);
    expect(result.shareOfRaw).toBeGreaterThan(0);
    expect(result.cpuMicros === undefined).toBe(result.unit === 'ms');
  }
  for (const system of systems) expect(stdout).toContain(system);
});

test('workers in processes of their own share a file, and no task runs twice', { timeout: 120_000 }, async () => {
  const { report } = await bench('--systems', 'plainjob', '--work', 'drain-2,latency');
  expect(report.failures).toEqual([]);
  expect(new Set(report.results.map(({ system }) => system))).toEqual(new Set(['raw-sqlite', 'plainjob']));
  expect(report.results).toHaveLength(6);
});

test(
  'fleets of two, four and eight work off one store, and are told as a multiple of one',
  { timeout: 120_000 },
  async () => {
    const { report, stdout } = await bench('--systems', 'raw-file', '--work', 'fleet', '--folder', folder);
    expect(report.failures).toEqual([]);
    expect(report.results.map(({ workload }) => workload)).toEqual(['drain', 'drain-2', 'drain-4', 'drain-8']);
    for (const { workload, shareOfOne, rssMb } of report.results) {
      expect(shareOfOne === undefined).toBe(workload === 'drain');
      expect(rssMb).toBeGreaterThan(10);
    }
    expect(stdout).toMatch(/\d x one/);
    expect((await readdir(folder)).filter((name) => name.startsWith('bench-file'))).toEqual([]);
    const nowhere = bench('--systems', 'raw-file', '--work', 'drain', '--folder', join(folder, 'nowhere'));
    await expect(nowhere).rejects.toThrow(/nowhere/);
  },
);

test(
  'a backlog is written, counted, begun with and held, in processes of their own',
  { timeout: 120_000 },
  async () => {
    const { stdout } = await run(process.execPath, [
      backlog,
      '--tasks',
      '300',
      '--system',
      'raw-file',
      '--folder',
      folder,
    ]);
    expect(stdout).toContain('raw-file, 300 tasks wait');
    expect(stdout).toMatch(/on the disk, waiting *│ 0\.030 MB: 100 bytes a task/);
    expect(stdout).toMatch(/until the first runs *│ \d+ ms/);
    await expect(run(process.execPath, [backlog, '--system', 'fastq'])).rejects.toMatchObject({ code: 2 });
  },
);

test('a wrong argument ends with code 2 and what would be right, before anything is measured', async () => {
  await expect(bench('--systems', 'nobody')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Known are raw-memory'),
  });
});

test('what goes wrong in a measuring process reaches the caller, and the process can be used on', async () => {
  const remote = new RemoteProcess();
  const target = { url: 'memory:', scope: 'x', create: true };
  await expect(remote.call('drain', { n: 1, warm: 0, limitMs: 1 })).rejects.toThrow('The first command is open');
  await expect(remote.call('open', { system: 'nobody', ...target })).rejects.toThrow('Known are raw-memory');
  await remote.call('open', { system: 'raw-memory', ...target });
  await remote.call('preload', { n: 5, delayed: false });
  expect(await remote.call('drain', { n: 5, warm: 0, limitMs: 10_000 })).toMatchObject({ done: 5 });
  await remote.stop();
  await expect(remote.call('progress', null)).rejects.toThrow('The measuring process ended');
});
