import { expect, test } from 'vitest';
import { fleet, worker } from './fleet.ts';
import { enqueue, held } from './held-task.ts';

const MINUTE = 60_000;

test('a run without a timeout may go on as long as it reports progress, and an hour longer', async () => {
  const { ambient, engine, store } = await fleet();
  const { task, runs, contexts } = held();
  const first = engine();
  await enqueue(first, task, 't', { retry: { maxAttempts: 2, delay: '1s' } });
  await worker(first, [task], { pid: 1 }).start();
  await ambient.advance(50 * MINUTE);
  await contexts[0]?.progress(0.1);
  await ambient.advance(55 * MINUTE);
  expect(runs).toHaveLength(1);
  expect((await store.get(['t']))[0]).toMatchObject({ state: 'running', attempt: 0 });
  await ambient.advance(10 * MINUTE);
  expect(runs).toHaveLength(2);
  expect((await store.get(['t']))[0]).toMatchObject({ attempt: 1, crashes: 0 });
});

test('a handler that ignores its signal loses its slot after the grace, and what it returns is void', async () => {
  const { ambient, engine, store } = await fleet();
  const { task, runs, contexts } = held();
  const first = engine();
  await enqueue(first, task, 'deaf', { timeout: '10s', retry: { maxAttempts: 1 } });
  await enqueue(first, task, 'next');
  const one = worker(first, [task], { pid: 1, concurrency: 1 });
  await one.start();
  await ambient.advance(14_000);
  expect(contexts[0]?.signal.reason).toMatchObject({ code: 'RUN_TIMEOUT' });
  expect(runs).toHaveLength(1);
  await ambient.advance(2_000);
  expect(runs).toHaveLength(2);
  expect(one.counts).toMatchObject({ running: 1, stuck: 1 });
  runs[0]?.resolve('too late');
  await ambient.advance(1_000);
  expect((await store.get(['deaf']))[0]).toMatchObject({ state: 'failed', attempt: 1 });
});

test('a task claimed ahead does not start once its time to live is over', async () => {
  const { ambient, engine, store } = await fleet();
  const { task, runs } = held();
  const first = engine();
  await enqueue(first, task, 'long');
  await enqueue(first, task, 'brief', { ttl: '2s' });
  await worker(first, [task], { pid: 1, concurrency: 1, prefetch: 10 }).start();
  await ambient.advance(1_000);
  expect((await store.get(['brief']))[0]).toMatchObject({ state: 'running' });
  await ambient.advance(1_500);
  runs[0]?.resolve(null);
  await ambient.advance(100);
  expect(runs).toHaveLength(1);
  expect((await store.get(['brief']))[0]).toMatchObject({ state: 'expired', startedAt: null, attempt: 0 });
});
