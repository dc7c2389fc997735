import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { MeasuringProcess } from '../src/measure/measuring-process.ts';
import type { Queue, System } from '../src/systems/system.ts';

/** A queue that runs one task a turn, each `times` over, and whose store lags `lag` looks behind its handlers. */
class SlowQueue implements Queue {
  readonly times: number;
  readonly payloads: string[] = [];
  lag: number;
  ran = 0;

  constructor({ times = 1, lag = 0 }: { times?: number; lag?: number }) {
    this.times = times;
    this.lag = lag;
  }

  async enqueue(payload: string): Promise<void> {
    this.payloads.push(payload);
  }

  async enqueueMany(payloads: readonly string[]): Promise<void> {
    this.payloads.push(...payloads);
  }

  async work(handler: (payload: string) => void): Promise<void> {
    void this.#run(handler);
  }

  async left(): Promise<number> {
    if (this.payloads.length === 0) this.lag -= 1;
    return this.payloads.length + (this.lag >= 0 ? 1 : 0);
  }

  async close(): Promise<void> {}

  async #run(handler: (payload: string) => void): Promise<void> {
    for (let next = this.payloads.shift(); next !== undefined; next = this.payloads.shift()) {
      await nextTurn();
      for (let i = 0; i < this.times; i += 1) handler(next);
      this.ran += 1;
    }
  }
}

async function measuring(queue: Queue): Promise<MeasuringProcess> {
  const system: System = {
    name: 'slow',
    store: 'memory',
    packages: [],
    settings: '',
    raw: 'slow',
    shared: false,
    open: async () => queue,
  };
  const one = new MeasuringProcess(async () => system);
  await one.commands.open({ system: 'slow', url: '', scope: '', create: true });
  return one;
}

test('the clock of a drain stops when the handlers ran so often and the store says that none is left', async () => {
  const queue = new SlowQueue({ lag: 3 });
  const { commands } = await measuring(queue);
  await commands.preload({ n: 25, delayed: false });
  expect(await commands.drain({ n: 25, warm: 0, limitMs: 60_000 })).toMatchObject({ done: 25 });
  expect(queue).toMatchObject({ ran: 25, lag: -1, payloads: [] });
});

test('tasks that run twice fail the measurement', async () => {
  const { commands } = await measuring(new SlowQueue({ times: 2, lag: 100 }));
  await commands.preload({ n: 10, delayed: false });
  await expect(commands.drain({ n: 10, warm: 0, limitMs: 60_000 })).rejects.toThrow('10 tasks ran 20 times.');
});

test('callers share the count, and bulk adds exactly so many', async () => {
  const queue = new SlowQueue({});
  const { commands } = await measuring(queue);
  expect(await commands.enqueue({ n: 25, callers: 10, limitMs: 60_000 })).toMatchObject({ done: 25 });
  expect(await commands.bulk({ n: 25, chunk: 10, limitMs: 60_000 })).toMatchObject({ done: 25 });
  expect(queue.payloads).toHaveLength(50);
  expect(queue.payloads.every((payload) => Buffer.byteLength(payload) === 100)).toBe(true);
});

test('a system without delays says so, and adds nothing', async () => {
  const queue = new SlowQueue({});
  const { commands } = await measuring(queue);
  expect(await commands.preload({ n: 5, delayed: true })).toEqual({ supported: false });
  expect(queue.payloads).toEqual([]);
});

test('arrivals carry their moment, and every start is told with its delay', async () => {
  const { commands } = await measuring(new SlowQueue({}));
  await commands.arrive({ n: 4, perSecond: 1e6 });
  await commands.work(null);
  await commands.empty({ limitMs: 60_000 });
  await nextTurn();
  const progress = await commands.progress(null);
  expect(progress).toMatchObject({ ran: 4 });
  if (progress === null || !('delaysMs' in progress)) throw new Error('no progress');
  expect(progress.delaysMs).toHaveLength(4);
  expect(progress.delaysMs.every((ms) => ms >= 0 && ms < 60_000)).toBe(true);
});
