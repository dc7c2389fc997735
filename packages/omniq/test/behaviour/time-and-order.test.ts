import { describe, expect, test } from 'vitest';
import { defineTask } from '../../src/index.ts';
import { openOn, stores } from './stores.ts';

function recorder(name = 'record') {
  const seen: string[] = [];
  return { seen, task: defineTask({ name, run: (label: string) => void seen.push(label) }) };
}

describe.each(stores)('order on %s', (store) => {
  test('is by queue as listed, then priority, then run-at, then enqueue order', async () => {
    const omniq = await openOn(store);
    const { seen, task } = recorder();
    const past = Date.now() - 60_000;
    await omniq.enqueueMany([
      [task, 'low queue, high priority', { queue: 'low', priority: 1_000 }],
      [task, 'plain 1', { queue: 'high' }],
      [task, 'plain 2', { queue: 'high' }],
      [task, 'urgent', { queue: 'high', priority: 5 }],
      [task, 'earlier', { queue: 'high', runAt: past }],
      [task, 'last', { queue: 'high', priority: -5 }],
    ]);
    const worker = await omniq.work({ tasks: [task], queues: ['high', 'low'], concurrency: 1, untilEmpty: true });
    await worker.done;
    expect(seen).toEqual(['urgent', 'earlier', 'plain 1', 'plain 2', 'last', 'low queue, high priority']);
  });

  test('leaves delayed tasks until they are due', async () => {
    const omniq = await openOn(store);
    const { seen, task } = recorder();
    const later = await omniq.enqueue(task, 'later', { delay: '1h' });
    const iso = await omniq.enqueue(task, 'iso', { runAt: new Date(Date.now() + 7_200_000).toISOString() });
    const soon = await omniq.enqueue(task, 'soon', { delay: 30 });
    await omniq.work({ tasks: [task] });
    await soon.result({ timeout: '10s' });
    expect(seen).toEqual(['soon']);
    expect(await later.get()).toMatchObject({ state: 'scheduled' });
    expect(await iso.get()).toMatchObject({ state: 'scheduled' });
  });

  test('never starts a task whose time to live has ended', async () => {
    const omniq = await openOn(store);
    const { seen, task } = recorder();
    const handle = await omniq.enqueue(task, 'too late', { ttl: 1, delay: 5 });
    await new Promise((resolve) => setTimeout(resolve, 10));
    const worker = await omniq.work({ tasks: [task], untilEmpty: true });
    await worker.done;
    expect(seen).toEqual([]);
    expect(await handle.get()).toMatchObject({ state: 'expired' });
  });

  test('stands still for a paused queue, and goes on after it', async () => {
    const omniq = await openOn(store);
    const { seen, task } = recorder();
    await omniq.queues.pause('mail');
    await omniq.enqueue(task, 'paused', { queue: 'mail' });
    const other = await omniq.enqueue(task, 'other', { queue: 'default' });
    await omniq.work({ tasks: [task], queues: ['mail', 'default'] });
    await other.result({ timeout: '10s' });
    expect(seen).toEqual(['other']);
    expect(await omniq.queues.list()).toContainEqual(
      expect.objectContaining({ name: 'mail', paused: true, counts: { pending: 1 } }),
    );
    await omniq.queues.resume('mail');
    await expect.poll(() => seen).toEqual(['other', 'paused']);
  });

  test('a worker stops after its limit, and after its duration', async () => {
    const omniq = await openOn(store);
    const { seen, task } = recorder();
    for (let index = 0; index < 5; index += 1) await omniq.enqueue(task, `${index}`);
    const limited = await omniq.work({ tasks: [task], limit: 3 });
    await limited.done;
    expect(seen).toHaveLength(3);
    const timed = await omniq.work({ tasks: [task], duration: 200 });
    await timed.done;
    expect(seen).toHaveLength(5);
  });

  test('options that contradict each other are refused', async () => {
    const omniq = await openOn(store);
    const { task } = recorder();
    await expect(omniq.enqueue(task, 'x', { delay: 1, runAt: 5 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(omniq.enqueue(task, 'x', { runAt: 'tomorrow' })).rejects.toThrow(/ISO 8601/);
    await expect(omniq.enqueue(task, 'x', { runAt: '2027-01-01T00:00:00' })).rejects.toThrow(/ISO 8601/);
    await expect(omniq.enqueue(task, 'x', { priority: 1.5 })).rejects.toThrow(/-1000 to 1000/);
    await expect(omniq.enqueue(task, 'x', { retry: { maxAttempts: 2, maxRetries: 2 } })).rejects.toThrow(/twice/);
    await expect(omniq.enqueue(task, 'x', { queue: '' })).rejects.toMatchObject({ code: 'INVALID_NAME' });
  });
});
