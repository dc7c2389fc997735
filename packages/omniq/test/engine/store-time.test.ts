import { expect, test } from 'vitest';
import { fleet, worker } from './fleet.ts';
import { enqueue, held } from './held-task.ts';

const MINUTE = 60_000;

test('a wall clock that jumps an hour ahead starts no delayed task early', async () => {
  const { ambient, engine } = await fleet();
  const { task, runs } = held();
  const first = engine();
  await enqueue(first, task, 't', { delay: '30m' });
  await worker(first, [task], { pid: 1 }).start();
  await ambient.advance(MINUTE);
  ambient.stepWallClock(60 * MINUTE);
  await ambient.advance(28 * MINUTE);
  expect(runs).toHaveLength(0);
  await ambient.advance(2 * MINUTE);
  expect(runs).toHaveLength(1);
});

test('a wall clock that falls back an hour holds up neither delayed tasks nor expiry', async () => {
  const { ambient, engine, store } = await fleet();
  const { task, runs } = held();
  const first = engine();
  await enqueue(first, task, 'later', { delay: '2m' });
  await enqueue(first, task, 'short', { delay: '10m', ttl: '2m' });
  await worker(first, [task], { pid: 1 }).start();
  await ambient.advance(MINUTE);
  ambient.stepWallClock(-60 * MINUTE);
  await ambient.advance(2 * MINUTE);
  expect(runs).toHaveLength(1);
  expect((await store.get(['short']))[0]).toMatchObject({ state: 'expired' });
});

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
