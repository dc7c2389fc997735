import { setTimeout as sleep } from 'node:timers/promises';
import { defineContract, defineTask, implement, OmniQError, type TaskDefinition, type TaskHandle } from '@omniq/omniq';
import { performTask, testOmniQ, type Ran, type TestOmniQ, type TestOmniQOptions } from '@omniq/testkit/app';
import { afterEach, describe, expect, test, vi } from 'vitest';

const note = defineTask({ name: 'note', run: (text: string): string => text.toUpperCase() });

const opened: TestOmniQ[] = [];
async function open(options: TestOmniQOptions = { tasks: [note] }): Promise<TestOmniQ> {
  const omniq = await testOmniQ(options);
  opened.push(omniq);
  return omniq;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((omniq) => omniq.close()));
});

const inputs = (ran: readonly Ran[]): readonly unknown[] => ran.map(({ input }) => input);

describe('drain', () => {
  test('runs nothing before it is called, and then all that is due', async () => {
    const omniq = await open();
    const handle = await omniq.enqueue(note, 'a');
    await sleep(20);
    expect(await handle.get()).toMatchObject({ state: 'pending', attempt: 0 });
    expect(await omniq.drain()).toEqual([
      {
        id: handle.id,
        name: 'note',
        queue: 'default',
        attempt: 1,
        input: 'a',
        outcome: 'completed',
        result: 'A',
        error: undefined,
        startedAt: omniq.now(),
        endedAt: omniq.now(),
      },
    ]);
    expect(await handle.result()).toBe('A');
    expect(await omniq.drain()).toEqual([]);
  });

  test('follows priority, then the order of the enqueues', async () => {
    const omniq = await open();
    await omniq.enqueueMany([
      [note, 'b'],
      [note, 'a', { priority: 5 }],
      [note, 'c'],
    ]);
    expect(inputs(await omniq.drain())).toEqual(['a', 'b', 'c']);
  });

  test('works off the queues that were given first, then the others by name', async () => {
    const omniq = await open({ tasks: [note], queues: ['urgent'] });
    for (const queue of ['b', 'a', 'urgent']) await omniq.enqueue(note, queue, { queue });
    expect(inputs(await omniq.drain())).toEqual(['urgent', 'a', 'b']);
  });

  test('keeps to the queues it is told', async () => {
    const omniq = await open();
    await omniq.enqueue(note, 'a', { queue: 'a' });
    await omniq.enqueue(note, 'b', { queue: 'b' });
    expect(inputs(await omniq.drain({ queues: ['b'] }))).toEqual(['b']);
    expect(inputs(await omniq.drain())).toEqual(['a']);
  });

  test('goes on with children and with what tasks enqueue, until nothing is due', async () => {
    const spawn: TaskDefinition<number, void> = defineTask({
      name: 'spawn',
      run: async (depth: number) => {
        if (depth > 0) await omniq.enqueue(spawn, depth - 1);
      },
    });
    const omniq = await open({ tasks: [spawn, note] });
    const first = await omniq.enqueue(note, 'parent');
    const child = await omniq.enqueue(note, 'child', { dependsOn: first });
    await omniq.enqueue(note, 'grandchild', { dependsOn: child });
    await omniq.enqueue(spawn, 2);
    const ran = inputs(await omniq.drain());
    expect(new Set(ran)).toEqual(new Set(['parent', 'child', 'grandchild', 2, 1, 0]));
    expect(ran).toHaveLength(6);
    expect(ran.indexOf('child')).toBeGreaterThan(ran.indexOf('parent'));
  });

  test('leaves none of many children behind', async () => {
    const omniq = await open();
    const parent = await omniq.enqueue(note, 'parent');
    await omniq.enqueueMany(Array.from({ length: 1_500 }, (_, n) => [note, `${n}`, { dependsOn: parent }] as const));
    expect(await omniq.drain()).toHaveLength(1_501);
  });

  test('repeats at once what has no delay, and leaves what has one', async () => {
    let runs = 0;
    const flaky = defineTask({
      name: 'flaky',
      retry: { delay: 0 },
      run: () => {
        runs += 1;
        if (runs < 3) throw new Error(`failure ${runs}`);
      },
    });
    const omniq = await open({ tasks: [flaky, note] });
    await omniq.enqueue(flaky);
    await omniq.enqueue(note, 'later', { delay: '1s' });
    const ran = await omniq.drain();
    expect(ran.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, 'retry'],
      [2, 'retry'],
      [3, 'completed'],
    ]);
    expect(ran[0]?.error).toEqual(new Error('failure 1'));
  });

  test('runs one after the other, as many as it is told', async () => {
    let running = 0;
    let most = 0;
    const slow = defineTask({
      name: 'slow',
      run: async () => {
        running += 1;
        most = Math.max(most, running);
        await sleep(2);
        running -= 1;
      },
    });
    const omniq = await open({ tasks: [slow] });
    await omniq.enqueueMany([[slow], [slow], [slow]]);
    expect(await omniq.drain({ runs: 2 })).toHaveLength(2);
    expect(await omniq.drain()).toHaveLength(1);
    expect(most).toBe(1);
  });

  test('a run may wait for another with a higher concurrency', async () => {
    const waits = defineTask({ name: 'waits', run: async () => (await omniq.enqueue(note, 'x')).result() });
    const omniq = await open({ tasks: [waits, note], concurrency: 2 });
    const handle = await omniq.enqueue(waits);
    await omniq.drain();
    expect(await handle.result()).toBe('X');
  });

  test('sees what was enqueued and not awaited', async () => {
    const omniq = await open();
    void omniq.enqueue(note, 'a');
    expect(inputs(await omniq.drain())).toEqual(['a']);
    const late = async (): Promise<void> => {
      for (let step = 0; step < 100; step += 1) await Promise.resolve();
      await omniq.enqueue(note, 'b');
    };
    void late();
    expect(inputs(await omniq.drain())).toEqual(['b']);
  });

  test('two at once take turns', async () => {
    const omniq = await open();
    await omniq.enqueueMany([
      [note, 'a'],
      [note, 'b'],
    ]);
    const [one, other] = await Promise.all([omniq.drain(), omniq.drain()]);
    expect([inputs(one), inputs(other)]).toEqual([['a', 'b'], []]);
  });

  test('leaves paused queues alone', async () => {
    const omniq = await open();
    await omniq.queues.pause('default');
    await omniq.enqueue(note, 'a');
    expect(await omniq.drain()).toEqual([]);
    await omniq.queues.resume('default');
    expect(await omniq.drain()).toHaveLength(1);
  });

  test('tells failures by what was thrown itself, and others by what was stored', async () => {
    class Broken extends Error {}
    const broken = new Broken('broken');
    const tasks = {
      throws: defineTask({
        name: 'throws',
        retry: { maxAttempts: 1 },
        run: () => {
          throw broken;
        },
      }),
      returns: defineTask({ name: 'returns', run: (): unknown => () => 'a function' }),
      snoozes: defineTask({ name: 'snoozes', run: (_: void, ctx) => ctx.snooze('1m') }),
    };
    const omniq = await open({ tasks: Object.values(tasks) });
    for (const task of Object.values(tasks)) await omniq.enqueue(task);
    const [throws, returns, snoozes] = await omniq.drain();
    expect(throws).toMatchObject({ outcome: 'failed', result: undefined });
    expect(throws?.error).toBe(broken);
    expect(returns).toMatchObject({ outcome: 'failed', error: { code: 'PAYLOAD_UNSUPPORTED' } });
    expect(returns?.error).toBeInstanceOf(OmniQError);
    expect(snoozes).toMatchObject({ outcome: 'snoozed' });
  });

  test('runs what asks for threads or processes here', async () => {
    const heavy = defineTask({ name: 'heavy', executor: 'thread', run: () => 1 });
    const omniq = await open({ tasks: [heavy] });
    await omniq.enqueue(heavy);
    expect(await omniq.drain()).toMatchObject([{ outcome: 'completed', result: 1 }]);
  });

  test('is not held up by fake timers', async () => {
    vi.useFakeTimers();
    try {
      const omniq = await open();
      await omniq.enqueue(note, 'a', { delay: '1m' });
      expect(await omniq.drain()).toEqual([]);
      expect(await omniq.advance('1m')).toHaveLength(1);
      const hangs = performTask(() => new Promise<void>(() => {}), undefined, { patience: '10ms' });
      await expect(hangs).rejects.toThrow(/Still running/);
      await omniq.close();
    } finally {
      vi.useRealTimers();
    }
  });

  test('takes plain functions by name', async () => {
    const double = (n: number): number => n * 2;
    const omniq = await open({ tasks: { double } });
    const handle: TaskHandle<number> = await omniq.enqueue(double, 21);
    await omniq.drain();
    expect(await handle.result()).toBe(42);
  });
});

describe('drain refuses', () => {
  const foreign = defineContract<string>({ name: 'foreign' });

  test('to pass over a task that nothing here runs', async () => {
    const omniq = await open();
    await omniq.enqueue(foreign, 'a');
    await expect(omniq.drain()).rejects.toMatchObject({ code: 'TASK_UNKNOWN', message: /runs the task foreign/ });
  });

  test('no task that was given its code', async () => {
    const omniq = await open({ tasks: [implement(foreign, () => 1)] });
    await omniq.enqueue(foreign, 'a');
    expect(await omniq.drain()).toMatchObject([{ result: 1 }]);
  });

  test('to pass over a task whose executor is missing', async () => {
    const fiber = defineTask({ name: 'fiber', executor: 'fiber', run: () => 1 });
    const omniq = await open({ tasks: [fiber] });
    await omniq.enqueue(fiber);
    await expect(omniq.drain()).rejects.toMatchObject({ code: 'TASK_UNKNOWN', message: /No executor/ });
  });

  test('to be called by a task', async () => {
    const calls = defineTask({ name: 'calls', retry: { maxAttempts: 1 }, run: async () => void (await omniq.drain()) });
    const omniq = await open({ tasks: [calls] });
    await omniq.enqueue(calls);
    expect(await omniq.drain()).toMatchObject([{ outcome: 'failed', error: { code: 'CONFLICT' } }]);
  });

  test('to go on without end', async () => {
    const again: TaskDefinition = defineTask({ name: 'again', run: () => void omniq.enqueue(again) });
    const omniq = await open({ tasks: [again] });
    await omniq.enqueue(again);
    await expect(omniq.drain()).rejects.toMatchObject({ name: 'AssertionError', message: /enqueue itself/ });
  });

  test('to wait longer than its patience, and closes all the same', async () => {
    const hangs = defineTask({ name: 'hangs', run: () => new Promise<void>(() => {}) });
    const omniq = await open({ tasks: [hangs], patience: '10ms' });
    const { id } = await omniq.enqueue(hangs);
    await expect(omniq.drain()).rejects.toMatchObject({ name: 'AssertionError', message: new RegExp(`hangs ${id}`) });
    await omniq.close();
  });

  test('to wait longer than its patience, though the next one may', async () => {
    const gate = Promise.withResolvers<string>();
    const waits = defineTask({ name: 'waits', run: () => gate.promise });
    const omniq = await open({ tasks: [waits], patience: '200ms' });
    await omniq.enqueue(waits);
    await expect(omniq.drain()).rejects.toThrow(/Still running/);
    void sleep(20).then(() => gate.resolve('open'));
    expect(await omniq.drain()).toMatchObject([{ outcome: 'completed', result: 'open' }]);
  });
});
