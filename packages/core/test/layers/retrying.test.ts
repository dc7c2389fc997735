import { describe, expect, test } from 'vitest';
import { persistent, retrying } from '../../src/storage/layers/retrying.ts';
import { OmniQError } from '../../src/errors.ts';
import type { RecordStore, StoredRecord } from '../../src/storage/record-store.ts';
import type { ScheduleRow, ScheduleStore, StoredSchedule } from '../../src/storage/schedule-store.ts';
import type { Change, ClaimRequest } from '../../src/storage/task-store.ts';
import { FlakyStore } from './flaky-store.ts';
import { runningTask } from './rows.ts';
import { VirtualTime } from './virtual-time.ts';

const error = Uint8Array.of(1, 2);
const settle: Change = { id: 't-1', guard: { lease: 7 }, set: { state: 'completed', finishedAt: 10, error } };
const request: ClaimRequest = { session: 's-1', lane: 0, request: 1, queues: ['q'], limit: 1, start: 1, now: 0 };

describe('waiting', () => {
  test('what fails twice and then works, works, after full jitter of a doubling wait', async () => {
    for (const [random, waits] of [
      [0, [0, 0]],
      [0.5, [50, 100]],
      [0.999, [99.9, 199.8]],
    ] as const) {
      const store = new FlakyStore(runningTask()).lose('get', 'request lost', 2);
      const time = new VirtualTime(() => random);
      const [row] = await retrying(store.asTaskStore, time).get(['t-1']);
      expect(row).toMatchObject({ id: 't-1' });
      expect(time.waits).toStrictEqual(waits);
      expect(store.calls).toStrictEqual(['get', 'get', 'get']);
    }
  });

  test('a busy store is tried again, as an unreachable one', async () => {
    const store = new FlakyStore(runningTask()).lose('get', 'request lost', 1, 'STORE_BUSY');
    await expect(retrying(store.asTaskStore, new VirtualTime()).get(['t-1'])).resolves.toHaveLength(1);
  });

  test('waits stop growing at the cap, and tries end with what failed and how often', async () => {
    const store = new FlakyStore().lose('get', 'request lost', 9);
    const time = new VirtualTime(() => 0.5);
    const patient = retrying(store.asTaskStore, time, { attempts: 6, baseMs: 100, capMs: 500 });
    const failure = await patient.get(['t-1']).catch((thrown: unknown) => thrown);
    expect(time.waits).toStrictEqual([50, 100, 200, 250, 250]);
    expect(store.calls).toHaveLength(6);
    expect(failure).toMatchObject({
      code: 'STORE_UNREACHABLE',
      message: 'The request of get was lost. Is it up? Tried 6 times in 0.8 s.',
      details: { attempts: 6 },
      cause: { code: 'STORE_UNREACHABLE' },
    });
  });

  test.each([
    'STORE_FULL',
    'STORE_CORRUPT',
    'STORE_CLOSED',
    'STORE_FAILED',
    'CLOCK_SKEW',
    'SESSION_ENDED',
    'UNSUPPORTED',
  ] as const)('%s is not tried again', async (code) => {
    const store = new FlakyStore().lose('get', 'request lost', 1, code);
    const time = new VirtualTime();
    await expect(retrying(store.asTaskStore, time).get(['t-1'])).rejects.toMatchObject({ code });
    expect([store.calls, time.waits]).toStrictEqual([['get'], []]);
  });

  test('closing is not tried again, and what works at once is called once', async () => {
    const store = new FlakyStore(runningTask()).lose('close', 'request lost');
    const time = new VirtualTime();
    const patient = retrying(store.asTaskStore, time);
    await patient.get(['t-1']);
    await patient.update([settle], 0);
    await expect(patient.close()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect([store.calls, time.waits]).toStrictEqual([['get', 'update', 'close'], []]);
  });
});

describe('a change whose reply was lost', () => {
  test('is applied once, and told as applied, with dependents to look for', async () => {
    const store = new FlakyStore(runningTask()).lose('update', 'reply lost');
    const outcomes = await retrying(store.asTaskStore, new VirtualTime()).update([settle], 0);
    expect(outcomes).toStrictEqual([{ status: 'applied', dependents: true }]);
    expect(store.rows.get('t-1')).toMatchObject({ state: 'completed', finishedAt: 10 });
    expect(store.calls).toStrictEqual(['update', 'update', 'get']);
  });

  test('is told as applied in a swap as well', async () => {
    const store = new FlakyStore(runningTask()).lose('swap', 'reply lost');
    const swapped = await retrying(store.asTaskStore, new VirtualTime()).swap?.([settle], request);
    expect(swapped).toStrictEqual({ outcomes: [{ status: 'applied', dependents: true }], claimed: [] });
  });

  test('is read back again if reading fails', async () => {
    const store = new FlakyStore(runningTask()).lose('update', 'reply lost').lose('get', 'request lost', 2);
    const time = new VirtualTime();
    const outcomes = await retrying(store.asTaskStore, time).update([settle], 0);
    expect(outcomes).toMatchObject([{ status: 'applied' }]);
    expect(time.waits).toHaveLength(3);
  });

  test('into a state that goes on has no dependents to look for', async () => {
    const retry: Change = { id: 't-1', guard: { lease: 7 }, set: { state: 'waiting', runAt: 99 } };
    const store = new FlakyStore(runningTask()).lose('update', 'reply lost');
    const outcomes = await retrying(store.asTaskStore, new VirtualTime()).update([retry], 0);
    expect(outcomes).toStrictEqual([{ status: 'applied' }]);
  });

  test('is found beside others that stay as they are', async () => {
    const rows = [runningTask(), runningTask({ id: 't-2', lease: 9 }), runningTask({ id: 't-3' })];
    const store = new FlakyStore(...rows).lose('update', 'reply lost');
    const changes = ['t-1', 't-2', 'gone', 't-3'].map((id) => ({ ...settle, id }));
    const outcomes = await retrying(store.asTaskStore, new VirtualTime()).update(changes, 0);
    expect(outcomes.map(({ status }) => status)).toStrictEqual(['applied', 'stale', 'missing', 'applied']);
  });

  test('is found under a later change of the same call to the same task', async () => {
    const store = new FlakyStore(runningTask()).lose('update', 'reply lost');
    const requeue: Change = { id: 't-1', guard: { lease: 7 }, set: { state: 'failed', finishedAt: 10 } };
    const redrive: Change = {
      id: 't-1',
      guard: { states: ['failed'] },
      set: { state: 'waiting', finishedAt: null, redrives: 1 },
    };
    const outcomes = await retrying(store.asTaskStore, new VirtualTime()).update([requeue, redrive], 0);
    expect(outcomes.map(({ status }) => status)).toStrictEqual(['applied', 'applied']);
  });
});

describe('a change that is truly stale', () => {
  test.each([
    ['another lease', { lease: 8 }],
    ['another state', { state: 'failed' as const }],
    ['another end', { finishedAt: 11 }],
    ['another error', { error: Uint8Array.of(9) }],
    ['no error', { error: null }],
  ])('stays stale after a failure: the row has %s', async (_, over) => {
    const done = runningTask({ state: 'completed', finishedAt: 10, error, ...over });
    const store = new FlakyStore(done).lose('update', 'request lost');
    const outcomes = await retrying(store.asTaskStore, new VirtualTime()).update([settle], 0);
    expect(outcomes).toStrictEqual([{ status: 'stale' }]);
    expect(store.rows.get('t-1')).toBe(done);
  });

  test('is not read back without a failure, even where the row looks right', async () => {
    const store = new FlakyStore(runningTask({ state: 'completed', finishedAt: 10, error }));
    const outcomes = await retrying(store.asTaskStore, new VirtualTime()).update([settle], 0);
    expect(outcomes).toStrictEqual([{ status: 'stale' }]);
    expect(store.calls).toStrictEqual(['update']);
  });

  test('but for its lease needs the new state, or stays stale', async () => {
    const store = new FlakyStore(runningTask({ state: 'blocked', waitsFor: 1 })).lose('update', 'reply lost');
    const release: Change = { id: 't-1', guard: { edge: 'p' }, set: {} };
    const patient = retrying(store.asTaskStore, new VirtualTime());
    expect(await patient.update([release], 0)).toStrictEqual([{ status: 'stale' }]);
    store.lose('update', 'request lost');
    const nudge: Change = { id: 't-1', guard: { states: ['waiting'] }, set: { priority: 0 } };
    expect(await patient.update([nudge], 0)).toStrictEqual([{ status: 'stale' }]);
    for (const guard of [{ states: ['waiting'] }, { edge: 'p' }] as const) {
      const held = runningTask({ state: 'waiting', waitsFor: 1 });
      const cancelled = new FlakyStore(held).lose('update', 'reply lost');
      const cancel: Change = { id: 't-1', guard, set: { state: 'cancelled', finishedAt: 3, reason: 'parent_failed' } };
      const outcomes = await retrying(cancelled.asTaskStore, new VirtualTime()).update([cancel], 0);
      expect(outcomes).toStrictEqual([{ status: 'applied', dependents: true }]);
    }
  });
});

/** The reply of the first write is lost; writes are compare-and-set. */
function losing<T>(write: () => T): () => T {
  let isFirst = true;
  return () => {
    const written = write();
    if (!isFirst) return written;
    isFirst = false;
    throw new OmniQError('STORE_UNREACHABLE', 'The reply was lost.');
  };
}

describe('a compare-and-set whose reply was lost', () => {
  const row: ScheduleRow = { id: 's', state: 'active', dueAt: 5, body: Uint8Array.of(1) };

  async function putSchedule(stored: StoredSchedule | undefined, ifRevision: number | null): Promise<number | null> {
    let kept = stored;
    const put = losing(() => {
      if ((kept?.revision ?? null) !== ifRevision) return null;
      kept = { ...row, revision: (ifRevision ?? 0) + 1 };
      return kept.revision;
    });
    const store: Partial<ScheduleStore> = { put: async () => put(), get: async () => kept };
    return persistent('schedules', store as ScheduleStore, new VirtualTime()).put(row, ifRevision);
  }

  test('of a schedule is done if what it wrote is there, refused if anything else is', async () => {
    expect(await putSchedule(undefined, null)).toBe(1);
    expect(await putSchedule({ ...row, body: Uint8Array.of(9), revision: 4 }, 4)).toBe(5);
    expect(await putSchedule({ ...row, body: Uint8Array.of(9), revision: 6 }, 4)).toBeNull();
    expect(await putSchedule({ ...row, dueAt: 6, revision: 6 }, 4)).toBeNull();
    expect(await putSchedule({ ...row, state: 'paused', revision: 6 }, 4)).toBeNull();
    expect(await putSchedule(undefined, 4)).toBeNull();
  });

  test('of a record is done if what it wrote is there, refused if anything else is', async () => {
    const putRecord = async (stored: StoredRecord | undefined, ifTag: string | null): Promise<string | null> => {
      let kept = stored;
      const put = losing(() => {
        if ((kept?.tag ?? null) !== ifTag) return null;
        kept = { value: Uint8Array.of(1), tag: 'new' };
        return kept.tag;
      });
      const store: Partial<RecordStore> = { put: async () => put(), get: async () => kept };
      return persistent('records', store as RecordStore, new VirtualTime()).put('k', Uint8Array.of(1), ifTag);
    };
    expect(await putRecord(undefined, null)).toBe('new');
    expect(await putRecord({ value: Uint8Array.of(2), tag: 'old' }, 'old')).toBe('new');
    expect(await putRecord({ value: Uint8Array.of(2), tag: 'other' }, 'old')).toBeNull();
    expect(await putRecord(undefined, 'old')).toBeNull();
  });
});
