import { setTimeout as sleep } from 'node:timers/promises';
import type { Reading } from './meters/meter.ts';
import type { Bench, Unit, Value } from './workloads.ts';

/** A worker that has just started still has something to do. */
const settleMs = 2000;

/**
 * What a drain costs the server, per task. Time and log are those of the drain alone; statements are all that the worker
 * process sent from its start to its end; dead rows are those of the whole life of the tasks.
 */
export async function costPerTask({ process, meter: open, profile }: Bench, n: number): Promise<Value[]> {
  if (open === undefined) return [];
  const producer = await process();
  const meter = await open();
  try {
    await producer.call('preload', { n, delayed: false });
    await producer.stop();
    await meter.quiet();
    const filled = await meter.read();
    const worker = await process();
    const begun = await meter.read();
    const { done } = await worker.call('drain', { n, warm: 0, limitMs: profile.limitMs });
    const drained = await meter.read();
    await worker.stop();
    await meter.quiet();
    const ended = await meter.read();
    if (done === 0) throw new Error('Nothing was done in time.');
    return [
      ...per('cost-cpu', 'us/task', done, between(begun, drained, 'cpuMicros')),
      ...per('cost-wal', 'B/task', done, between(begun, drained, 'walBytes')),
      ...per('cost-statements', 'statements/task', done, between(filled, ended, 'statements')),
      ...per('cost-dead-rows', 'rows/task', done, await meter.deadRows?.()),
    ];
  } finally {
    await meter.close();
  }
}

/** What one worker asks of the server while there is nothing to do. */
export async function idleStatements({ process, meter: open, profile }: Bench): Promise<Value[]> {
  if (open === undefined) return [];
  const worker = await process();
  const meter = await open();
  try {
    await worker.call('work', null);
    await sleep(Math.min(settleMs, profile.idleMs));
    const [before, begun] = [await meter.read(), performance.now()];
    await sleep(profile.idleMs);
    const [after, ended] = [await meter.read(), performance.now()];
    const amount = between(before, after, 'sent') ?? between(before, after, 'statements');
    return per('idle', 'statements/s', (ended - begun) / 1000, amount);
  } finally {
    await meter.close();
  }
}

function between(before: Reading, after: Reading, what: keyof Reading): number | undefined {
  const [from, to] = [before[what], after[what]];
  return from === undefined || to === undefined ? undefined : to - from;
}

function per(workload: string, unit: Unit, divisor: number, amount: number | undefined): Value[] {
  return amount === undefined ? [] : [{ workload, unit, value: amount / divisor }];
}
