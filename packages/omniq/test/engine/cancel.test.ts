import { expect, test } from 'vitest';
import { bound, cut } from './faulty-store.ts';
import { fleet, leaseMs, worker } from './fleet.ts';
import { enqueue, held } from './held-task.ts';

test('a cancel that comes while the task is being rescued is not overruled', async () => {
  const { ambient, engine, store } = await fleet();
  const { task, runs } = held();
  let silent = false;
  const first = engine((inner) => cut(inner, () => silent));
  await enqueue(first, task, 't');
  await worker(first, [task], { pid: 1, host: 'a' }).start();
  await ambient.advance(100);
  const admin = engine();
  const answers: string[] = [];
  const rescuer = engine((inner) => ({
    ...bound(inner),
    list: async (query) => {
      const page = await inner.list(query);
      if (query.session !== undefined && page.items.length > 0 && answers.length === 0) {
        answers.push(await admin.tasks.cancel('t'));
      }
      return page;
    },
  }));
  await worker(rescuer, [task], { pid: 2, host: 'b' }).start();
  silent = true;
  await ambient.advance(leaseMs + 20_000);
  expect(answers).toEqual(['requested']);
  expect(runs).toHaveLength(1);
  expect((await store.get(['t']))[0]).toMatchObject({ state: 'cancelled' });
});

test.each(['before the sweep looks', 'after it has looked'])(
  'a cancel of a run that outlives its deadline is not overruled when it comes %s',
  async (when) => {
    const { ambient, engine, store } = await fleet();
    const { task, runs } = held();
    // Beats, but hears of no cancel and sweeps nothing.
    const stuck = engine((inner) => ({
      ...bound(inner),
      list: async (query) => (query.deadlineBy === undefined ? inner.list(query) : { items: [] }),
      beat: async (session, now) => ({ ...(await inner.beat(session, now)), cancelled: [] }),
    }));
    await enqueue(stuck, task, 't', { retry: { maxAttempts: 5, delay: '1s' } });
    await worker(stuck, [task], { pid: 1, host: 'a' }).start();
    await ambient.advance(100);
    const admin = engine();
    const answers: string[] = [];
    const cancel = async (): Promise<void> => void answers.push(await admin.tasks.cancel('t'));
    if (when === 'before the sweep looks') await cancel();
    const sweeper = engine((inner) => ({
      ...bound(inner),
      list: async (query) => {
        const page = await inner.list(query);
        if (query.deadlineBy !== undefined && page.items.length > 0 && answers.length === 0) await cancel();
        return page;
      },
    }));
    await worker(sweeper, [task], { pid: 2, host: 'b' }).start();
    await ambient.advance(3_600_000 + 60_000);
    expect(answers).toEqual(['requested']);
    expect(runs).toHaveLength(1);
    expect((await store.get(['t']))[0]).toMatchObject({ state: 'cancelled' });
  },
);

test('a cancel that was asked for holds when the worker stops and hands its tasks back', async () => {
  const { ambient, engine, store } = await fleet();
  const { task } = held();
  const first = engine((inner) => ({
    ...bound(inner),
    beat: async (session, now) => ({ ...(await inner.beat(session, now)), cancelled: [] }),
  }));
  await enqueue(first, task, 't');
  const one = worker(first, [task], { pid: 1 });
  await one.start();
  await ambient.advance(100);
  expect(await first.tasks.cancel('t')).toBe('requested');
  const stopping = one.stop();
  await ambient.advance(60_000);
  await stopping;
  expect((await store.get(['t']))[0]).toMatchObject({ state: 'cancelled', attempt: 0 });
});
