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
