import type { ClaimRequest, NewTask } from '@omniq/core/storage';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StoreSpike } from '../src/spikes/store-spike.ts';

const start = Date.now();
const body = Buffer.from('{"to":"all"}');

function task(id: string, over: Partial<NewTask> = {}): NewTask {
  const times = { runAt: start, expiresAt: null, admitBy: start + 900_000, holdMs: 60_000 };
  const keys = { unique: null, orderKey: null, limitKey: null, parents: [] };
  return { id, queue: 'default', name: 'noop', priority: 0, ...times, ...keys, body, spec: null, ...over };
}

function asks(session: string, request: number, over: Partial<ClaimRequest> = {}): ClaimRequest {
  return { session, lane: 0, request, queues: ['default'], limit: 10, start: 10, now: start, ...over };
}

function completed(id: string, lease: number) {
  return { id, guard: { lease }, set: { state: 'completed', finishedAt: start } } as const;
}

const ids = (tasks: readonly { id: string }[]): string[] => tasks.map(({ id }) => id);

/** What a task store promises under races, on stores that are opened as often as a test likes. */
export function storeSpikeSuite(name: string, open: (scope: string) => Promise<StoreSpike>, missing?: string): void {
  let scope = 0;
  let stores: StoreSpike[] = [];
  const many = async (count: number): Promise<StoreSpike[]> =>
    Promise.all(Array.from({ length: count }, () => open(`scope${scope}`))).then((opened) => {
      stores.push(...opened);
      return opened;
    });
  const one = async (): Promise<StoreSpike> => (await many(1))[0] as StoreSpike;
  const session = async (store: StoreSpike, id: string): Promise<void> =>
    store.open({ id, host: 'host', pid: 1, processStart: '1' }, start);

  const title = missing === undefined ? name : `${name} (${missing})`;
  describe.skipIf(missing !== undefined)(`${title}`, () => {
    beforeEach(async () => {
      scope += 1;
      stores = [];
      await (await one()).migrate();
    });
    afterEach(async () => {
      await Promise.all(stores.map((store) => store.close()));
    });

    test('eight racing claimers drain the queue: every row once, none lost', async () => {
      const claimers = await many(8);
      const rows = Array.from({ length: 1000 }, (_, i) => task(`task-${i}`, { priority: i % 3 }));
      await claimers[0]?.insert(rows, start);
      const claimed = await Promise.all(claimers.map((store, i) => drain(store, `session-${i}`)));
      expect(claimed.flat().toSorted()).toEqual(ids(rows).toSorted());
      expect(await claimers[0]?.left(start)).toBe(0);
    });

    async function drain(store: StoreSpike, id: string): Promise<string[]> {
      await session(store, id);
      const done: string[] = [];
      let empty = 0;
      let held = await store.claim(asks(id, 1, { limit: 7 }));
      // An empty answer may mean that others hold the last rows in a transaction: only several in a row are the end.
      for (let request = 2; held.length > 0 || empty < 5; request += 1) {
        empty = held.length > 0 ? 0 : empty + 1;
        done.push(...ids(held));
        const settle = held.map((one) => completed(one.id, one.lease));
        const { outcomes, claimed } = await store.swap(settle, asks(id, request, { limit: 7 }));
        expect(outcomes.filter(({ status }) => status !== 'applied')).toEqual([]);
        held = claimed;
      }
      return done;
    }

    test('claims come by queue as listed, priority, run-at, insert order; future rows of a high priority are passed over', async () => {
      const store = await one();
      await session(store, 's');
      await store.insert(
        [
          task('low', { priority: -5 }),
          task('later', { runAt: start - 1 }),
          task('second'),
          task('third'),
          task('earlier', { runAt: start - 2 }),
          task('future', { priority: 1000, runAt: start + 1 }),
          task('gone', { priority: 7, expiresAt: start }),
          task('high', { priority: 7 }),
          task('urgent', { priority: 1000, queue: 'other' }),
        ],
        start,
      );
      const claimed = await store.claim(asks('s', 1, { queues: ['default', 'other'], start: 2 }));
      expect(ids(claimed)).toEqual(['high', 'earlier', 'later', 'second', 'third', 'low', 'urgent']);
      expect(claimed.map(({ startedAt }) => startedAt)).toEqual([start, start, null, null, null, null, null]);
      expect(claimed[0]).toMatchObject({ name: 'noop', deadlineAt: start + 60_000, attempt: 0, body, spec: null });
      expect(ids(await store.claim(asks('s', 2, { now: start + 1 })))).toEqual(['future']);
    });

    test('of racing settles one is applied; stale, missing and repeated ones are refused', async () => {
      const [store, ...rivals] = await many(4);
      if (store === undefined) throw new Error('no store');
      await session(store, 's');
      await store.insert([task('a'), task('b')], start);
      const [a, b] = await store.claim(asks('s', 1));
      const settle = completed('a', a?.lease ?? 0);
      const all = await Promise.all([store, ...rivals].map((rival) => rival.update([settle], start)));
      expect(all.map(([outcome]) => outcome?.status)).toHaveLength(4);
      expect(all.filter(([outcome]) => outcome?.status === 'applied')).toHaveLength(1);
      expect(all.filter(([outcome]) => outcome?.status === 'stale')).toHaveLength(3);
      const late = [completed('b', (b?.lease ?? 0) - 1), completed('nobody', 1), completed('b', b?.lease ?? 0)];
      expect((await store.update(late, start)).map(({ status }) => status)).toEqual(['stale', 'missing', 'applied']);
    });

    test('a claim repeated, even at the same moment, returns the same tasks and leases nothing more', async () => {
      const [first, second, third] = await many(3);
      if (!first || !second || !third) throw new Error('no store');
      await session(first, 's');
      await first.insert(
        Array.from({ length: 100 }, (_, i) => task(`task-${i}`)),
        start,
      );
      for (let request = 1; request <= 5; request += 1) {
        const answers = await Promise.all([first, second, third].map((store) => store.claim(asks('s', request))));
        expect(answers.map(ids)).toEqual([ids(answers[0] ?? []), ids(answers[0] ?? []), ids(answers[0] ?? [])]);
        expect(answers[0]).toHaveLength(10);
        expect((await first.beat('s', start)).leases).toBe(request * 10);
      }
      expect(await first.claim(asks('s', 4))).toEqual([]);
      expect((await first.swap([], asks('s', 1, { lane: 1 }))).claimed).toHaveLength(10);
      expect((await first.swap([], asks('s', 1, { lane: 1 }))).claimed).toHaveLength(10);
      expect((await first.beat('s', start)).leases).toBe(60);
    });

    test('of eight enders one wins, and none when the session has beaten since', async () => {
      const enders = await many(8);
      await session(enders[0] as StoreSpike, 's');
      await enders[0]?.beat('s', start);
      expect(await enders[0]?.end('s', 0)).toBe(false);
      const won = await Promise.all(enders.map((store) => store.end('s', 1)));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await enders[0]?.beat('s', start)).toMatchObject({ live: false });
    });

    test('an ended session is refused; its tasks are rescued by lease, and the old holder can write no more', async () => {
      const store = await one();
      await session(store, 'old');
      await session(store, 'new');
      await store.insert([task('a'), task('b')], start);
      const held = await store.claim(asks('old', 1));
      await store.end('old');
      await expect(store.claim(asks('old', 2))).rejects.toMatchObject({ code: 'SESSION_ENDED' });
      await expect(store.claim(asks('old', 1))).rejects.toMatchObject({ code: 'SESSION_ENDED' });
      await expect(store.swap([], asks('old', 2))).rejects.toMatchObject({ code: 'SESSION_ENDED' });
      const old = (await store.sessions()).find(({ id }) => id === 'old');
      expect(old).toMatchObject({ ended: true, leases: 2 });
      const rescue = (await store.running('old', 10)).map(({ id, lease }) => {
        return { id, guard: { lease }, set: { state: 'waiting', crashes: 1 } } as const;
      });
      expect((await store.update(rescue, start)).map(({ status }) => status)).toEqual(['applied', 'applied']);
      const again = await store.claim(asks('new', 1));
      expect(again.map(({ id, crashes }) => [id, crashes])).toEqual([
        ['a', 1],
        ['b', 1],
      ]);
      again.forEach(({ lease }, i) => expect(lease).toBeGreaterThan(held[i]?.lease ?? Infinity));
      expect(
        await store.update(
          held.map(({ id, lease }) => completed(id, lease)),
          start,
        ),
      ).toMatchObject([{ status: 'stale' }, { status: 'stale' }]);
      expect(await store.sessions()).toMatchObject([{ id: 'new', leases: 2 }]);
    });

    test('whoever ends a session sees every task that it holds, whatever claim races with it', async () => {
      const [worker, rescuer] = await many(2);
      if (!worker || !rescuer) throw new Error('no store');
      await worker.insert(
        Array.from({ length: 400 }, (_, i) => task(`task-${i}`)),
        start,
      );
      for (let round = 0; round < 40; round += 1) {
        const id = `s-${round}`;
        await session(worker, id);
        const claim = worker.claim(asks(id, 1)).catch(() => []);
        await rescuer.end(id);
        const seen = new Set(ids(await rescuer.running(id, 100)));
        expect(ids(await claim).filter((held) => !seen.has(held))).toEqual([]);
      }
    });

    test('the same id again is a no-op while it waits, while it runs, after its end, and in a race', async () => {
      const [store, ...rivals] = await many(4);
      if (store === undefined) throw new Error('no store');
      await session(store, 's');
      const racing = await Promise.all([store, ...rivals].map((rival) => rival.insert([task('a'), task('a')], start)));
      expect(racing.flat().filter(({ status }) => status === 'inserted')).toHaveLength(1);
      const [held] = await store.claim(asks('s', 1));
      expect(await store.insert([task('a')], start)).toEqual([{ status: 'exists' }]);
      const settle = store.update([completed('a', held?.lease ?? 0)], start);
      await Promise.all([settle, ...rivals.map((rival) => rival.insert([task('a')], start))]);
      expect(await store.insert([task('a')], start)).toEqual([{ status: 'exists' }]);
      expect(await store.left(start)).toBe(0);
    });

    test('an insert after its admission deadline is refused by the later of `now` and the clock of the store', async () => {
      const store = await one();
      const rows = [task('kept'), task('late', { admitBy: start - 1 })];
      expect(await store.insert(rows, start - 1000)).toMatchObject([{ status: 'inserted' }, { status: 'late' }]);
      expect(await store.insert([task('kept', { admitBy: 0 })], start)).toEqual([{ status: 'exists' }]);
      expect(await store.left(start)).toBe(1);
    });

    test('a paused queue is passed over until it is resumed', async () => {
      const store = await one();
      await session(store, 's');
      await store.insert([task('a'), task('b', { queue: 'other' })], start);
      await store.pause('default', true);
      expect(ids(await store.claim(asks('s', 1, { queues: ['default', 'other'] })))).toEqual(['b']);
      await store.pause('default', false);
      expect(ids(await store.claim(asks('s', 2, { queues: ['default', 'other'] })))).toEqual(['a']);
    });
  });
}
