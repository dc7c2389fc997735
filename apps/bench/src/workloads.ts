import { setTimeout as sleep } from 'node:timers/promises';
import { exactNow, type Effort } from './measure/commands.ts';
import { costPerTask, idleStatements } from './measure-server.ts';
import type { Meter } from './meters/meter.ts';
import type { RemoteProcess } from './measure/remote-process.ts';
import { sized, type Profile } from './profile.ts';
import { quantile } from './statistics.ts';
import type { System } from './systems/system.ts';

/** Of rates more is better, of all others less. */
export type Unit = 'tasks/s' | 'ms' | 'us/task' | 'B/task' | 'rows/task' | 'statements/task' | 'statements/s';

/** One value of one repetition. */
export interface Value {
  readonly workload: string;
  readonly unit: Unit;
  readonly value: number;
  /** User and system time of the measuring process, or of all workers, in microseconds a task. */
  readonly cpuMicros?: number;
  /** Resident memory of a worker process at the end, in MB, the mean of all. */
  readonly rssMb?: number;
}

/** What a workload measures with. */
export interface Bench {
  readonly system: System;
  readonly profile: Profile;
  /** A fresh process with the system opened; the first of a measurement creates what is missing. */
  readonly process: () => Promise<RemoteProcess>;
  /** Of the server; absent where there is none, or where it does not tell. */
  readonly meter?: () => Promise<Meter>;
  /** Opens a transaction, and gives what ends it; absent where the store knows none. */
  readonly holdSnapshot?: () => Promise<() => Promise<void>>;
}

type Group = 'enqueue' | 'drain' | 'latency' | 'growth' | 'fleet' | 'server';

export interface Workload {
  readonly name: string;
  readonly groups: readonly Group[];
  /** Gives nothing where the system cannot do it. */
  measure(bench: Bench): Promise<readonly Value[]>;
}

const callers = 100;
const bulkChunk = 1000;
/** The first of a process, until its code is compiled, say nothing about a queue. */
const warmUpShare = 0.2;
const pollMs = 2;
/** A history takes longer than what is timed, by this factor at most. */
const historyLimit = 20;

const workloads: readonly Workload[] = [
  {
    name: 'enqueue-1',
    groups: ['enqueue'],
    measure: (bench) => enqueue(bench, 'enqueue-1', bench.profile.enqueueOne, 1),
  },
  {
    name: 'enqueue-100',
    groups: ['enqueue'],
    measure: (bench) => enqueue(bench, 'enqueue-100', bench.profile.enqueueMany, callers),
  },
  { name: 'enqueue-bulk', groups: ['enqueue'], measure: bulk },
  { name: 'drain', groups: ['drain', 'fleet'], measure: (bench) => drain(bench, 'drain', size(bench, 'drain')) },
  { name: 'drain-2', groups: ['drain', 'fleet'], measure: (bench) => drainTogether(bench, 2) },
  { name: 'drain-4', groups: ['fleet'], measure: (bench) => drainTogether(bench, 4) },
  { name: 'drain-8', groups: ['fleet'], measure: (bench) => drainTogether(bench, 8) },
  { name: 'latency', groups: ['latency'], measure: latency },
  { name: 'cost', groups: ['server'], measure: (bench) => costPerTask(bench, size(bench, 'drain')) },
  { name: 'idle', groups: ['server'], measure: idleStatements },
];

/** What `--work` takes besides the groups; `growth` stands for one workload a backlog of the profile. */
export const workloadNames: readonly string[] = [...workloads.map(({ name }) => name), 'growth'];

/** The workloads that these names and groups stand for, each once, in a fixed order. */
export function chooseWorkloads(names: readonly string[], profile: Profile): Workload[] {
  const all = [...workloads, ...growthOf(profile)];
  return all.filter(({ name, groups }) => [name, ...groups].some((one) => names.includes(one)));
}

function size({ system, profile }: Bench, key: 'enqueueOne' | 'enqueueMany' | 'bulk' | 'drain'): number {
  return sized(profile[key], system.store);
}

async function enqueue(bench: Bench, workload: string, count: number, callers: number): Promise<Value[]> {
  const process = await bench.process();
  const { limitMs } = bench.profile;
  const n = sized(count, bench.system.store);
  return [rate(workload, await process.call('enqueue', { n, callers, limitMs }))];
}

async function bulk(bench: Bench): Promise<Value[]> {
  const process = await bench.process();
  const { limitMs } = bench.profile;
  return [rate('enqueue-bulk', await process.call('bulk', { n: size(bench, 'bulk'), chunk: bulkChunk, limitMs }))];
}

/** @param prepare what lies in the way; gives `false` where the system cannot have it */
async function drain(bench: Bench, workload: string, n: number, prepare?: Preparation): Promise<Value[]> {
  const { limitMs } = bench.profile;
  const producer = await bench.process();
  if (prepare !== undefined && !(await prepare(producer))) return [];
  const warm = warmUp(n);
  await producer.call('preload', { n: n + warm, delayed: false });
  const worker = bench.system.shared ? await bench.process() : producer;
  return [rate(workload, await worker.call('drain', { n: n + warm, warm, limitMs }))];
}

/** Several worker processes; one more looks whether any task is left. */
async function drainTogether(bench: Bench, processes: number): Promise<Value[]> {
  if (!bench.system.shared) return [];
  const { limitMs } = bench.profile;
  const warm = warmUp(size(bench, 'drain'));
  const n = size(bench, 'drain') + warm;
  const observer = await bench.process();
  await observer.call('preload', { n, delayed: false });
  const workers: RemoteProcess[] = [];
  while (workers.length < processes) workers.push(await bench.process());
  const begun = exactNow();
  const deadline = begun + limitMs;
  await Promise.all(workers.map((worker) => worker.call('work', null)));
  const warmed = await ranBy(workers, warm, deadline);
  // A few tasks are over before anybody looks.
  const [before, start] = warmed.done < n ? [warmed, exactNow()] : [{ done: 0, cpuMicros: 0 }, begun];
  const ran = await ranBy(workers, n, deadline);
  const end = ran.done < n ? exactNow() : (await observer.call('empty', { limitMs })).at;
  const { done } = await ranBy(workers, n, 0);
  if (done > n) throw new Error(`${n} tasks ran ${done} times.`);
  const measured = { done: ran.done - before.done, cpuMicros: ran.cpuMicros - before.cpuMicros, rssMb: ran.rssMb };
  return [rate(`drain-${processes}`, { ...measured, seconds: (end - start) / 1000 })];
}

/** Tasks that run before the clock of a drain starts. */
function warmUp(n: number): number {
  return Math.ceil(n * warmUpShare);
}

async function ranBy(workers: readonly RemoteProcess[], n: number, deadline: number): Promise<Omit<Effort, 'seconds'>> {
  for (;;) {
    const progress = await Promise.all(workers.map((worker) => worker.call('progress', null)));
    const done = progress.reduce((sum, { ran }) => sum + ran, 0);
    const cpuMicros = progress.reduce((sum, one) => sum + one.cpuMicros, 0);
    const rssMb = progress.reduce((sum, one) => sum + one.rssMb, 0) / workers.length;
    if (done >= n || exactNow() > deadline) return { done, cpuMicros, rssMb };
    await sleep(pollMs);
  }
}

/** Across two processes where the store is shared. */
async function latency(bench: Bench): Promise<Value[]> {
  const { latency, limitMs } = bench.profile;
  const producer = await bench.process();
  const worker = bench.system.shared ? await bench.process() : producer;
  await worker.call('work', null);
  const warm = warmUp(latency.arrivals);
  const n = latency.arrivals + warm;
  await producer.call('arrive', { n, perSecond: latency.perSecond });
  await ranBy([worker], n, exactNow() + limitMs);
  const { delaysMs } = await worker.call('progress', null);
  if (delaysMs.length < n) throw new Error(`Only ${delaysMs.length} of ${n} tasks were started in time.`);
  const measured = delaysMs.slice(warm);
  return [0.5, 0.99].map((share) => {
    return { workload: `latency-p${share * 100}`, unit: 'ms', value: quantile(measured, share) };
  });
}

/** One a backlog, so that each starts from an empty store. */
function growthOf({ growth, delayed, finished, held }: Profile): Workload[] {
  const backlogs = growth.map((n): Workload => {
    const name = `growth-${short(n)}`;
    return { name, groups: ['growth'], measure: (bench) => drain(bench, name, n) };
  });
  return [
    ...backlogs,
    inTheWay(`growth-${short(delayed)}-delayed`, () => async (producer) => {
      return (await producer.call('preload', { n: delayed, delayed: true })).supported;
    }),
    inTheWay(`growth-${short(finished)}-finished`, (bench) => (producer) => finish(bench, producer, finished)),
    { name: `growth-${short(held)}-held`, groups: ['growth'], measure: (bench) => drainBeside(bench, held) },
  ];
}

type Preparation = (producer: RemoteProcess) => Promise<boolean>;

function inTheWay(name: string, prepare: (bench: Bench) => Preparation): Workload {
  const measure: Workload['measure'] = (bench) => drain(bench, name, size(bench, 'drain'), prepare(bench));
  return { name, groups: ['growth'], measure };
}

/** Works off so many tasks, which leaves behind what the system keeps of them. */
async function finish({ process, profile, system }: Bench, producer: RemoteProcess, n: number): Promise<boolean> {
  if (!system.shared) return false;
  await producer.call('preload', { n, delayed: false });
  const worker = await process();
  const { done } = await worker.call('drain', { n, warm: 0, limitMs: profile.limitMs * historyLimit });
  await worker.stop();
  if (done < n) throw new Error(`Only ${done} of ${n} tasks were finished in time, which was to be the history.`);
  return true;
}

/** Beside a transaction that is open from before the first task to after the last, as that of a long report. */
async function drainBeside(bench: Bench, n: number): Promise<Value[]> {
  const { holdSnapshot } = bench;
  if (holdSnapshot === undefined) return [];
  let release: (() => Promise<void>) | undefined;
  try {
    return await drain(bench, `growth-${short(n)}-held`, n, async () => {
      release = await holdSnapshot();
      return true;
    });
  } finally {
    await release?.();
  }
}

function short(count: number): string {
  if (count % 1_000_000 === 0) return `${count / 1_000_000}m`;
  return count % 1000 === 0 ? `${count / 1000}k` : String(count);
}

function rate(workload: string, { done, seconds, cpuMicros, rssMb }: Effort): Value {
  if (done === 0) throw new Error('Nothing was done in time.');
  return { workload, unit: 'tasks/s', value: done / seconds, cpuMicros: cpuMicros / done, rssMb };
}
