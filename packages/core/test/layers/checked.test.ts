import { describe, expect, test } from 'vitest';
import { checked } from '../../src/storage/layers/checked.ts';
import { OmniQError } from '../../src/errors.ts';
import type { Capabilities } from '../../src/storage/capabilities.ts';
import type { Change, ClaimRequest, NewSession, TaskStore } from '../../src/storage/task-store.ts';
import { allCapabilities, newTask } from './rows.ts';

const request: ClaimRequest = { session: 's-1', lane: 0, request: 1, queues: ['q'], limit: 10, start: 10, now: 5 };
const session: NewSession = { id: 's-1', host: 'h', pid: 1, processStart: '5' };
const change: Change = { id: 't-1', guard: { lease: 1 }, set: { state: 'completed' } };
const noCapabilities: Capabilities = {
  ...allCapabilities,
  uniqueKeys: false,
  orderKeys: false,
  limits: false,
  results: false,
  then: false,
};

/** Writes down what reaches it, whatever the verb. */
function recorder(capabilities: Capabilities = allCapabilities): { store: TaskStore; reached: string[] } {
  const reached: string[] = [];
  const store = new Proxy({ capabilities } as TaskStore, {
    get(target, verb: keyof TaskStore) {
      if (verb in target || typeof verb !== 'string') return target[verb];
      return async () => {
        reached.push(verb);
        return [];
      };
    },
  });
  return { store, reached };
}

type Call = (store: TaskStore) => Promise<unknown> | undefined;
const insert =
  (...rows: readonly Parameters<typeof newTask>[0][]): Call =>
  (store) =>
    store.insert(rows.map(newTask), 0);
const update =
  (over: Partial<Change>): Call =>
  (store) =>
    store.update([{ ...change, ...over }], 0);
const claim =
  (over: Partial<ClaimRequest>): Call =>
  (store) =>
    store.claim({ ...request, ...over });

describe('what is within bounds reaches the store', () => {
  test.each<[string, Call]>([
    ['insert', insert({})],
    [
      'insert',
      insert({
        priority: -1000,
        unique: { key: 'k', until: null },
        orderKey: 'o',
        limitKey: 'l',
        parents: [{ id: 'p', policy: 'run' }],
      }),
    ],
    [
      'insert',
      insert({ priority: 1000, unique: { key: 'k'.repeat(512), until: 9 }, expiresAt: 5, body: new Uint8Array(5) }),
    ],
    [
      'insert',
      (store) =>
        store.insert(
          Array.from({ length: 10_000 }, (_, index) => newTask({ id: `t-${index}` })),
          0,
        ),
    ],
    ['insert', insert({ body: new Uint8Array(16_777_216) })],
    ['claim', claim({})],
    ['claim', claim({ start: 0 })],
    ['claim', claim({ queues: [] })],
    ['update', update({})],
    [
      'update',
      update({
        guard: { states: ['failed'] },
        set: { priority: 5, runAt: 1, attempt: 0, reason: null, deadlineAt: null },
      }),
    ],
    [
      'update',
      update({ guard: { edge: 'p' }, result: new Uint8Array(1), record: new Uint8Array(1), then: [newTask()] }),
    ],
    ['swap', (store) => store.swap?.([change], request)],
    ['get', (store) => store.get(['a', 'b'])],
    ['list', (store) => store.list({ states: ['waiting'], queues: ['q'], dueBy: 5, limit: 10 })],
    ['count', (store) => store.count(5)],
    ['remove', (store) => store.remove(['a'], 5)],
    ['edges', (store) => store.edges({ parent: 'a', limit: 1 })],
    ['history', (store) => store.history('a')],
    ['open', (store) => store.open(session, 0)],
    ['beat', (store) => store.beat('s', 0)],
    ['sessions', (store) => store.sessions()],
    ['end', (store) => store.end('s', 4)],
    ['queues', (store) => store.queues()],
    [
      'configure',
      (store) =>
        store.configure('q', {
          concurrency: 1,
          rate: { limit: 1, periodMs: 5 },
          perKey: { concurrency: null, rate: null },
        }),
    ],
    ['nextDue', (store) => store.nextDue?.(['q'], 5)],
    ['time', (store) => store.time?.()],
    ['close', (store) => store.close()],
  ])('%s', async (verb, call) => {
    const { store, reached } = recorder();
    await call(checked(store, { backend: 'test' }));
    expect(reached).toStrictEqual([verb]);
  });
});

describe('what is out of bounds does not', () => {
  test.each<[string, string, Call]>([
    ['INVALID_NAME', 'an empty id', insert({ id: '' })],
    ['INVALID_NAME', 'an id of 129 characters', insert({ id: 'x'.repeat(129) })],
    ['INVALID_NAME', 'a NUL in a queue', insert({ queue: 'a\u0000' })],
    ['INVALID_NAME', 'a bad second row', insert({}, { name: '' })],
    ['INVALID_NAME', 'a long unique key', insert({ unique: { key: 'x'.repeat(513), until: null } })],
    ['INVALID_NAME', 'an empty ordering key', insert({ orderKey: '' })],
    ['INVALID_NAME', 'a limit key with a control', insert({ limitKey: '\n' })],
    ['INVALID_NAME', 'a bad parent', insert({ parents: [{ id: '', policy: 'run' }] })],
    ['INVALID_OPTION', 'an unknown policy', insert({ parents: [{ id: 'p', policy: 'drop' as 'run' }] })],
    ['INVALID_OPTION', 'a priority of 1001', insert({ priority: 1001 })],
    ['INVALID_OPTION', 'a priority of a half', insert({ priority: 0.5 })],
    ['INVALID_OPTION', 'a runAt of NaN', insert({ runAt: Number.NaN })],
    ['INVALID_OPTION', 'a runAt beyond dates', insert({ runAt: 1e17 })],
    ['INVALID_OPTION', 'an infinite expiresAt', insert({ expiresAt: Infinity })],
    ['INVALID_OPTION', 'an admitBy of text', insert({ admitBy: '5' as unknown as number })],
    ['INVALID_OPTION', 'a holdMs of 0', insert({ holdMs: 0 })],
    ['INVALID_OPTION', 'a body of text', insert({ body: 'text' as unknown as Uint8Array })],
    ['INVALID_OPTION', 'a now of NaN', (store) => store.insert([newTask()], Number.NaN)],
    [
      'BATCH_TOO_LARGE',
      '10,001 rows',
      (store) =>
        store.insert(
          Array.from({ length: 10_001 }, () => newTask()),
          0,
        ),
    ],
    ['BATCH_TOO_LARGE', '16 MiB and one byte', insert({ body: new Uint8Array(16_777_216), spec: new Uint8Array(1) })],
    [
      'BATCH_TOO_LARGE',
      '10,001 changes',
      (store) =>
        store.update(
          Array.from({ length: 10_001 }, () => change),
          0,
        ),
    ],
    [
      'BATCH_TOO_LARGE',
      '10,001 rows with those of a change',
      update({ then: Array.from({ length: 10_000 }, () => newTask()) }),
    ],
    [
      'BATCH_TOO_LARGE',
      '17 MiB in results',
      (store) =>
        store.update(
          Array.from({ length: 17 }, () => ({ ...change, result: new Uint8Array(1_048_576) })),
          0,
        ),
    ],
    ['INVALID_NAME', 'a change of no task', update({ id: '' })],
    ['INVALID_OPTION', 'a lease below 0', update({ guard: { lease: -1 } })],
    ['INVALID_OPTION', 'a guard of an unknown state', update({ guard: { states: ['done' as 'failed'] } })],
    ['INVALID_NAME', 'a guard of a bad edge', update({ guard: { edge: '' } })],
    ['INVALID_OPTION', 'an unknown state', update({ set: { state: 'pending' as 'waiting' } })],
    ['INVALID_OPTION', 'an attempt below 0', update({ set: { attempt: -1 } })],
    ['INVALID_OPTION', 'a finishedAt of NaN', update({ set: { finishedAt: Number.NaN } })],
    ['INVALID_OPTION', 'a resultExpiresAt of NaN', update({ resultExpiresAt: Number.NaN })],
    ['INVALID_NAME', 'a bad row in then', update({ then: [newTask({ id: '' })] })],
    ['INVALID_OPTION', 'a limit of 0', claim({ limit: 0 })],
    ['INVALID_OPTION', 'a limit of 10,001', claim({ limit: 10_001 })],
    ['INVALID_OPTION', 'more to start than to claim', claim({ start: 11 })],
    ['INVALID_NAME', 'a queue without a name', claim({ queues: ['q', ''] })],
    ['INVALID_OPTION', 'a lane of a half', claim({ lane: 0.5 })],
    ['INVALID_NAME', 'no session', claim({ session: '' })],
    ['INVALID_OPTION', 'a swap with a bad claim', (store) => store.swap?.([change], { ...request, limit: 0 })],
    ['INVALID_NAME', 'a swap with a bad change', (store) => store.swap?.([{ ...change, id: '' }], request)],
    ['INVALID_NAME', 'a get of a bad id', (store) => store.get(['ok', '\u0000'])],
    ['INVALID_OPTION', 'a list of nothing', (store) => store.list({ limit: 0 })],
    ['INVALID_OPTION', 'a list of an unknown state', (store) => store.list({ states: ['x' as 'failed'], limit: 1 })],
    ['INVALID_OPTION', 'a list by NaN', (store) => store.list({ finishedBy: Number.NaN, limit: 1 })],
    ['INVALID_OPTION', 'a count at NaN', (store) => store.count(Number.NaN)],
    ['INVALID_OPTION', 'a remove until for ever', (store) => store.remove(['a'], Infinity)],
    ['INVALID_NAME', 'edges of a bad child', (store) => store.edges({ child: '', limit: 1 })],
    ['INVALID_NAME', 'a history of nothing', (store) => store.history('')],
    ['INVALID_OPTION', 'a pid of text', (store) => store.open({ ...session, pid: 'x' as unknown as number }, 0)],
    ['INVALID_OPTION', 'a host of 2 kB', (store) => store.open({ ...session, host: 'h'.repeat(2_048) }, 0)],
    ['INVALID_OPTION', 'a beat at NaN', (store) => store.beat('s', Number.NaN)],
    ['INVALID_OPTION', 'an end at a half beat', (store) => store.end('s', 0.5)],
    ['INVALID_OPTION', 'a concurrency of 0', (store) => store.configure('q', { concurrency: 0 })],
    ['INVALID_OPTION', 'a rate of 0', (store) => store.configure('q', { rate: { limit: 0, periodMs: 5 } })],
    [
      'INVALID_OPTION',
      'a rate per no time',
      (store) => store.configure('q', { perKey: { concurrency: null, rate: { limit: 1, periodMs: 0 } } }),
    ],
    ['INVALID_NAME', 'a next due of no queue', (store) => store.nextDue?.([''], 5)],
    ['INVALID_OPTION', 'a next due at NaN', (store) => store.nextDue?.(['q'], Number.NaN)],
    ['INVALID_NAME', 'settings of no queue', (store) => store.configure('', { paused: true })],
  ])('%s for %s', async (code, _, call) => {
    const { store, reached } = recorder();
    await expect(call(checked(store, { backend: 'test' }))).rejects.toMatchObject({ code });
    expect(reached).toStrictEqual([]);
  });
});

describe('what the store is not capable of does not either', () => {
  test.each<[string, Call]>([
    ['uniqueKeys', insert({ unique: { key: 'k', until: null } })],
    ['orderKeys', insert({ orderKey: 'k' })],
    ['results', update({ result: new Uint8Array(1) })],
    ['then', update({ then: [newTask()] })],
    ['limits', (store) => store.configure('q', { concurrency: 5 })],
    ['limits', (store) => store.configure('q', { perKey: { concurrency: 1, rate: null } })],
  ])('%s', async (feature, call) => {
    const { store, reached } = recorder(noCapabilities);
    const called = call(checked(store, { backend: 'plain' }));
    await expect(called).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining(`The plain store has no ${feature}`),
      details: { feature, backend: 'plain' },
    });
    expect(reached).toStrictEqual([]);
  });

  test('what asks for none of it is served', async () => {
    const { store, reached } = recorder(noCapabilities);
    const guarded = checked(store, { backend: 'plain' });
    await guarded.insert([newTask()], 0);
    await guarded.configure('q', { paused: true, concurrency: null, rate: null, perKey: null });
    expect(reached).toStrictEqual(['insert', 'configure']);
  });
});

describe('what an adapter throws', () => {
  const failing = (thrown: unknown): TaskStore => {
    const store: Partial<TaskStore> = {
      capabilities: allCapabilities,
      get: () => {
        throw thrown;
      },
      count: () => Promise.reject(thrown),
    };
    return checked(store as TaskStore, { backend: 'redis' });
  };

  test.each([
    ['ECONNREFUSED', 'STORE_UNREACHABLE'],
    ['ETIMEDOUT', 'STORE_UNREACHABLE'],
    ['ENOTFOUND', 'STORE_UNREACHABLE'],
    ['EBUSY', 'STORE_BUSY'],
    ['ENOSPC', 'STORE_FULL'],
    ['constructor', 'STORE_FAILED'],
    ['ERR_ODD', 'STORE_FAILED'],
  ])('%s becomes %s, at once or later, with its cause', async (named, code) => {
    const cause = Object.assign(new Error('low'), { code: named });
    const store = failing(cause);
    const expected = { code, cause, details: { backend: 'redis', verb: 'get' } };
    await expect(store.get(['a'])).rejects.toMatchObject(expected);
    await expect(store.count(0)).rejects.toMatchObject({ code, cause });
  });

  test('becomes ours even if it is no error', async () => {
    for (const thrown of [undefined, null, 'text', 7, {}]) {
      await expect(failing(thrown).count(0)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    }
  });

  test('stays as it is if it is ours', async () => {
    const ours = new OmniQError('SESSION_ENDED', 'Over.');
    await expect(failing(ours).count(0)).rejects.toBe(ours);
  });
});

test('capabilities and the bell stay, and what a store lacks stays absent', () => {
  const wakes: (() => void)[] = [];
  const { store } = recorder();
  const rung = Object.assign({} as TaskStore, {
    capabilities: store.capabilities,
    watch(wake: () => void) {
      wakes.push(wake);
      return () => wakes.pop();
    },
  });
  const guarded = checked(rung, { backend: 'test' });
  expect(guarded.capabilities).toBe(store.capabilities);
  const stop = guarded.watch?.(() => {});
  expect(wakes).toHaveLength(1);
  stop?.();
  expect(wakes).toHaveLength(0);
  const bare = checked({ capabilities: store.capabilities, get: async () => [] } as Partial<TaskStore> as TaskStore, {
    backend: 'test',
  });
  expect(Object.keys(bare).toSorted()).toStrictEqual(['capabilities', 'get']);
});
