import { expect, test } from 'vitest';
import { help, parseOptions } from '../src/options.ts';

const named = (args: string[]): string[] => parseOptions(args)?.systems.map(({ name }) => name) ?? [];
const work = (args: string[]): string[] => parseOptions(args)?.workloads.map(({ name }) => name) ?? [];

test('without arguments it measures what needs no server, under the quick profile', () => {
  const options = parseOptions([]);
  expect(new Set(options?.systems.map(({ store }) => store))).toEqual(new Set(['memory', 'sqlite']));
  expect(options?.profile.name).toBe('quick');
  expect(options?.profile.repetitions).toBeGreaterThanOrEqual(3);
});

test('every profile repeats at least three times', () => {
  for (const profile of ['quick', 'full', 'smoke']) {
    expect(parseOptions(['--profile', profile])?.profile.repetitions).toBeGreaterThanOrEqual(3);
  }
});

test('systems bring the raw limit of their store, which comes first', () => {
  expect(named(['--systems', 'plainjob,p-queue'])).toEqual(['raw-memory', 'p-queue', 'raw-sqlite', 'plainjob']);
  expect(named(['--stores', 'redis'])).toEqual(['raw-redis', 'spike-redis', 'omniq-redis', 'bullmq', 'bee-queue']);
  expect(new Set(parseOptions(['--stores', 'all'])?.systems.map(({ store }) => store)).size).toBe(7);
});

test('work is named one by one or by group, and growth stands for the backlogs of the profile', () => {
  expect(work(['--work', 'drain-2,enqueue'])).toEqual(['enqueue-1', 'enqueue-100', 'enqueue-bulk', 'drain-2']);
  expect(work(['--work', 'drain'])).toEqual(['drain', 'drain-2']);
  expect(work(['--work', 'fleet'])).toEqual(['drain', 'drain-2', 'drain-4', 'drain-8']);
  expect(work([])).not.toContain('drain-4');
  expect(work(['--work', 'growth', '--profile', 'full'])).toEqual([
    'growth-10k',
    'growth-100k',
    'growth-500k',
    'growth-1m',
    'growth-200k-delayed',
    'growth-200k-finished',
    'growth-100k-held',
  ]);
  expect(work(['--work', 'server'])).toEqual(['cost', 'idle']);
});

test('sizes replace the backlogs of the profile, and the greatest stands for all else that lies in the way', () => {
  expect(work(['--work', 'growth', '--sizes', '10k, 1m,300'])).toEqual([
    'growth-10k',
    'growth-1m',
    'growth-300',
    'growth-1m-delayed',
    'growth-1m-finished',
    'growth-1m-held',
  ]);
});

test('every system on Redis is there with an append-only file too, beside a limit that has one', () => {
  const plain = named(['--stores', 'redis']);
  expect(named(['--stores', 'redis-aof'])).toEqual(plain.map((name) => `${name}-aof`));
  for (const system of parseOptions(['--stores', 'redis,redis-aof'])?.systems ?? []) {
    const isAof = system.name.endsWith('-aof');
    expect(system.durability).toBe(isAof ? 'appendonly=yes, appendfsync=everysec' : 'appendonly=no');
    expect(system.raw).toBe(isAof ? 'raw-redis-aof' : 'raw-redis');
  }
});

test('help is asked for, and names every option', () => {
  expect(parseOptions(['--help'])).toBeUndefined();
  for (const option of ['--stores', '--systems', '--work', '--profile', '--json', '--folder', '--sizes', '--markdown'])
    expect(help).toContain(option);
});

test.each([
  [['--systems', 'bull'], /no "bull"\. Known are raw-memory, fastq, p-queue.*spike-redis/],
  [['--stores', 'oracle'], /no "oracle"\. Known are memory, file, sqlite, postgres, redis, redis-aof, nats, all/],
  [['--work', 'dance'], /no "dance"\. Known are enqueue-1.*growth/],
  [['--profile', 'slow'], /no "slow"\. Known are quick, full, smoke/],
  [['--systems', 'fastq', '--stores', 'redis'], /fastq runs on memory, which --stores leaves out/],
  [['--speed', '5'], /'--speed'.*Known options are --stores, --systems/],
  [['--sizes', '10k,lots'], /"lots" is no size\. Write them as 10k/],
  [['--sizes', '0'], /"0" is no size/],
  [['--sizes', '11m'], /"11m" is no size.*largest is 10m/],
  [['--profile', 'constructor'], /no "constructor"/],
])('%j is refused with what would be right', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});
