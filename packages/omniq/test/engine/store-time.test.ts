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
