import pg from 'pg';
import { expect, test } from 'vitest';
import { openArena } from '../src/arena.ts';
import { parseOptions, type Options } from '../src/options.ts';
import type { Report } from '../src/report.ts';
import { runBench } from '../src/run-bench.ts';

async function bench(...args: string[]): Promise<Report> {
  const options = parseOptions([...args, '--profile', 'smoke']) as Options;
  return runBench({ ...options, profile: { ...options.profile, repetitions: 1 } }, () => {});
}

const seen = ({ results }: Report, of: string): string[] =>
  results.filter(({ system }) => system === of).map(({ workload }) => workload);

test('what a server does for a task is told for PostgreSQL and Redis, and nothing where there is none', async () => {
  const report = await bench('--systems', 'raw-postgres,pg-boss,raw-redis-aof,raw-sqlite', '--work', 'server');
  expect(report.failures).toEqual([]);
  const costs = ['cost-cpu', 'cost-wal', 'cost-statements', 'cost-dead-rows', 'idle'];
  expect(seen(report, 'pg-boss')).toEqual(costs);
  expect(seen(report, 'raw-redis-aof')).toEqual(['cost-cpu', 'cost-statements', 'idle']);
  expect(seen(report, 'raw-sqlite')).toEqual([]);
  const median = (system: string, workload: string): number =>
    report.results.find((one) => one.system === system && one.workload === workload)?.median ?? 0;
  // A claim and a completion make one dead row each.
  expect(median('raw-postgres', 'cost-dead-rows')).toBe(2);
  expect(median('raw-postgres', 'cost-wal')).toBeGreaterThan(100);
  expect(median('pg-boss', 'cost-wal')).toBeGreaterThan(median('raw-postgres', 'cost-wal'));
  expect(report.versions['redis-aof']).toContain('appendonly=yes');
});

test('growth has a history and an open transaction, where the store knows one', async () => {
  const report = await bench(
    '--systems',
    'graphile-worker-batched,bee-queue',
    '--work',
    'growth',
    '--sizes',
    '100,300',
  );
  expect(report.failures).toEqual([]);
  const onBoth = ['growth-100', 'growth-300', 'growth-300-delayed', 'growth-300-finished'];
  expect(seen(report, 'graphile-worker-batched')).toEqual([...onBoth, 'growth-300-held']);
  expect(seen(report, 'bee-queue')).toEqual(onBoth);
});

test('an open transaction keeps the vacuum from what is deleted meanwhile, until it is told to end', async () => {
  const arena = await openArena('postgres');
  const client = new pg.Client({ connectionString: arena.url('') });
  try {
    await client.connect();
    const held = async (): Promise<unknown[]> => {
      const text = `select 1 from pg_stat_activity where datname = 'measured' and backend_xmin is not null`;
      return (await client.query(text)).rows;
    };
    await client.query('create database measured');
    expect(await held()).toEqual([]);
    const release = await arena.holdSnapshot?.('measured');
    expect(await held()).toHaveLength(1);
    await release?.();
    await expect.poll(held).toEqual([]);
  } finally {
    await client.end();
    await arena.stop();
  }
});
