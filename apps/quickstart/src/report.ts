import type { OmniQ } from '@omniq/omniq';
import type { Activity } from './events.ts';
import { meter } from './meter.ts';
import { tasksOf, type Run } from './run.ts';
import type { Summary } from './summary.ts';
import { index } from './tasks.ts';

/** The summary of the run, and how this process got there. */
export interface Report extends Summary {
  readonly folder: string;
  readonly run: string;
  /** Tasks of the whole run. */
  readonly tasks: number;
  /** Tasks that this process completed: fewer after a resume, 0 for a run that was finished before. */
  readonly completed: number;
  /** An earlier process had begun the run. */
  readonly resumed: boolean;
  /** An earlier process had finished it: nothing was left to do. */
  readonly finishedBefore: boolean;
  /** Tasks that had been claimed by a process which was killed. */
  readonly rescued: number;
  readonly seconds: number;
  /** Of this process, per second; megabytes are 10^6 bytes. */
  readonly throughput: { readonly tasks: number; readonly files: number; readonly megabytes: number };
  /** Of the batches that this process completed, ms; `null` without any. */
  readonly latency: { readonly wait: Quantiles | null; readonly run: Quantiles | null };
}

export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

/** Puts the report together once the summary is there. `startedAt` is when this process began, epoch ms. */
export async function reportOn(
  omniq: OmniQ,
  {
    run,
    folder,
    summary,
    activity,
    startedAt,
  }: { run: Run; folder: string; summary: Summary; activity: Activity; startedAt: number },
): Promise<Report> {
  const seconds = Math.max(1, Date.now() - startedAt) / 1_000;
  const waits: number[] = [];
  const runs: number[] = [];
  for await (const task of activity.completed.size === 0 ? [] : tasksOf(omniq, { queue: run.name, name: index.name })) {
    if (!activity.completed.has(task.id) || task.startedAt === null || task.finishedAt === null) continue;
    // The time between two processes is nobody's wait.
    waits.push(Math.max(0, task.startedAt - Math.max(task.runAt, startedAt)));
    runs.push(task.finishedAt - task.startedAt);
  }
  const perSecond = (count: number): number => Math.round(count / seconds);
  return {
    ...summary,
    folder,
    run: run.name,
    tasks: (await countTasks(omniq, run)).total,
    completed: activity.completed.size,
    resumed: run.state === 'begun',
    finishedBefore: run.state === 'finished',
    rescued: activity.rescued,
    seconds,
    throughput: {
      tasks: perSecond(activity.completed.size),
      files: perSecond(meter.files),
      megabytes: perSecond(meter.bytes / 1e6),
    },
    latency: { wait: quantiles(waits), run: quantiles(runs) },
  };
}

/** How a run stands, whoever works on it. */
export interface Progress {
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Running, or about to. */
  readonly active: number;
}

export async function countTasks(omniq: OmniQ, run: Run): Promise<Progress> {
  const ours = (await omniq.tasks.count()).filter(({ queue }) => queue === run.name);
  const count = (...states: readonly string[]): number =>
    ours.reduce((sum, entry) => (states.includes(entry.state) ? sum + entry.count : sum), 0);
  return {
    total: ours.reduce((sum, entry) => sum + entry.count, 0),
    completed: count('completed'),
    failed: count('failed'),
    cancelled: count('cancelled'),
    active: count('pending', 'scheduled', 'running'),
  };
}

export function quantiles(values: readonly number[]): Quantiles | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] as number;
  return { p50: at(0.5), p99: at(0.99) };
}
