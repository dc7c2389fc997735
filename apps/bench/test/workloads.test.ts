import { expect, test } from 'vitest';
import type { RemoteProcess } from '../src/measure/remote-process.ts';
import { profiles, type Profile } from '../src/profile.ts';
import type { System } from '../src/systems/system.ts';
import { chooseWorkloads, type Bench } from '../src/workloads.ts';

const profile = profiles['smoke'] as Profile;
const system: System = {
  name: 'shared',
  store: 'file',
  packages: [],
  settings: '',
  raw: 'shared',
  shared: true,
  open: () => Promise.reject(new Error('not opened here')),
};

/** A process in which each of the workers ran as many tasks as the others. */
function processOf(workers: number, told: string[]): RemoteProcess {
  const all = profile.drain * 5 * 1.2;
  let ran = profile.drain / workers;
  const answers: Record<string, () => unknown> = {
    // Warm at the first look, done at the second.
    progress: () => {
      const now = ran;
      ran = all / workers;
      return { ran: now, cpuMicros: 10 * now, rssMb: 50 };
    },
    empty: () => ({ at: Infinity }),
  };
  const call = async (name: string): Promise<unknown> => {
    told.push(name);
    return answers[name]?.() ?? null;
  };
  return { call } as unknown as RemoteProcess;
}

test.each([2, 4, 8])('drain-%i has as many workers and an observer, who fills and looks', async (workers) => {
  const processes: string[][] = [];
  const bench: Bench = {
    system,
    profile,
    process: async () => {
      const told: string[] = [];
      processes.push(told);
      return processOf(workers, told);
    },
  };
  const [workload] = chooseWorkloads([`drain-${workers}`], profile);
  const values = await workload?.measure(bench);
  const [observer, ...others] = processes;
  expect(observer).toEqual(['preload', 'empty']);
  expect(others).toHaveLength(workers);
  for (const told of others) expect(told.filter((name) => name === 'work')).toHaveLength(1);
  expect(values).toMatchObject([{ workload: `drain-${workers}`, cpuMicros: 10, rssMb: 50 }]);
});

/** Processes that note what they are told; each drain does as many of its tasks as `share` says. */
function recorded(share: number): { bench: Bench; told: string[][] } {
  const told: string[][] = [];
  const process = async (): Promise<RemoteProcess> => {
    const own: string[] = [];
    told.push(own);
    const call = async (name: string, take: { n: number }): Promise<unknown> => {
      own.push(`${name} ${take.n}`);
      return { done: take.n * share, seconds: 1, cpuMicros: 1, rssMb: 1, supported: true };
    };
    return { call, stop: async () => void own.push('stop') } as unknown as RemoteProcess;
  };
  return { bench: { system, profile, process }, told };
}

test('a history is worked off by a process that ends before the drain that is timed', async () => {
  const { bench, told } = recorded(1);
  const [finished] = chooseWorkloads(['growth-200-finished'], profile);
  const values = await finished?.measure(bench);
  expect(told).toEqual([['preload 200', 'preload 1200'], ['drain 200', 'stop'], ['drain 1200']]);
  expect(values).toMatchObject([{ workload: 'growth-200-finished', unit: 'tasks/s', value: 1200 }]);
  await expect(finished?.measure(recorded(0.5).bench)).rejects.toThrow('Only 100 of 200 tasks were finished');
});

test('a transaction is open from before the preload until the drain is over, and ends when that fails', async () => {
  const [held] = chooseWorkloads(['growth-200-held'], profile);
  expect(await held?.measure(recorded(1).bench)).toEqual([]);
  for (const share of [1, 0]) {
    const { bench, told } = recorded(share);
    const holdSnapshot = async (): Promise<() => Promise<void>> => {
      told.at(-1)?.push('hold');
      return async () => void told.at(-1)?.push('release');
    };
    const measuring = held?.measure({ ...bench, holdSnapshot });
    if (share === 1) expect(await measuring).toHaveLength(1);
    else await expect(measuring).rejects.toThrow('Nothing was done');
    expect(told).toEqual([
      ['hold', 'preload 240'],
      ['drain 240', 'release'],
    ]);
  }
});
