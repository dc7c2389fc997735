import { describe, expect, test } from 'vitest';
import { instrumented, type StoreCall } from '../../src/storage/layers/instrumented.ts';
import { layered, layeredBackend } from '../../src/storage/layers/layered.ts';
import type { Backend } from '../../src/storage/backend.ts';
import type { Change, ClaimRequest, TaskStore } from '../../src/storage/task-store.ts';
import { FlakyStore } from './flaky-store.ts';
import { allCapabilities, newTask, runningTask } from './rows.ts';
import { VirtualTime } from './virtual-time.ts';

const change: Change = { id: 't-1', guard: { lease: 7 }, set: { state: 'completed', finishedAt: 1 } };
const request: ClaimRequest = { session: 's-1', lane: 0, request: 1, queues: ['q'], limit: 1, start: 1, now: 0 };

function watched(store: TaskStore, time = new VirtualTime()): { store: TaskStore; heard: StoreCall[] } {
  const heard: StoreCall[] = [];
  return { store: instrumented(store, (call) => void heard.push(call), time.clock), heard };
}

describe('instrumented', () => {
  test('tells the verb, its rows and how long it took', async () => {
    const time = new VirtualTime();
    const slow: Partial<TaskStore> = {
      capabilities: allCapabilities,
      insert: async (rows) => {
        time.pass(12);
        return rows.map(() => ({ status: 'exists' }) as const);
      },
      claim: async () => [runningTask(), runningTask()],
      swap: async (changes) => ({
        outcomes: changes.map(() => ({ status: 'applied' }) as const),
        claimed: [runningTask()],
      }),
      list: async () => ({ items: [runningTask()] }),
      end: async () => true,
    };
    const { store, heard } = watched(slow as TaskStore, time);
    await store.insert([newTask(), newTask(), newTask()], 0);
    await store.claim(request);
    await store.swap?.([change, change], request);
    await store.list({ limit: 5 });
    await store.end('s');
    expect(heard).toStrictEqual([
      { store: 'tasks', verb: 'insert', rows: 3, ms: 12 },
      { store: 'tasks', verb: 'claim', rows: 2, ms: 0 },
      { store: 'tasks', verb: 'swap', rows: 3, ms: 0 },
      { store: 'tasks', verb: 'list', rows: 1, ms: 0 },
      { store: 'tasks', verb: 'end', rows: 0, ms: 0 },
    ]);
  });

  test('tells of a failure and passes it on', async () => {
    const { store, heard } = watched(new FlakyStore().lose('get', 'request lost').asTaskStore);
    const error = await store.get(['a', 'b']).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(heard).toStrictEqual([{ store: 'tasks', verb: 'get', rows: 2, ms: 0, error }]);
  });

  test('an observer that throws changes nothing', async () => {
    const observe = (): never => {
      throw new Error('observer');
    };
    const store = instrumented(
      new FlakyStore(runningTask()).lose('get', 'request lost').asTaskStore,
      observe,
      new VirtualTime().clock,
    );
    await expect(store.get(['t-1'])).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    await expect(store.get(['t-1'])).resolves.toHaveLength(1);
  });
});

describe('layered', () => {
  test('one call is told once, with its retries, and read back beneath', async () => {
    const store = new FlakyStore(runningTask()).lose('update', 'request lost').lose('update', 'reply lost');
    const heard: StoreCall[] = [];
    const tasks = layered(store.asTaskStore, {
      backend: 'flaky',
      ambient: new VirtualTime(),
      observe: (call) => void heard.push(call),
    });
    expect(await tasks.update([change], 0)).toMatchObject([{ status: 'applied' }]);
    expect(store.calls).toStrictEqual(['update', 'update', 'update', 'get']);
    expect(heard).toStrictEqual([{ store: 'tasks', verb: 'update', rows: 1, ms: 150 }]);
  });

  test('what a driver throws is translated before it is retried', async () => {
    let calls = 0;
    const store: Partial<TaskStore> = {
      capabilities: allCapabilities,
      get: async () => {
        calls += 1;
        if (calls < 3) throw Object.assign(new Error('reset'), { code: 'ECONNRESET' });
        return [];
      },
    };
    const time = new VirtualTime();
    await layered(store as TaskStore, { backend: 'x', ambient: time }).get([]);
    expect([calls, time.waits.length]).toStrictEqual([3, 2]);
  });

  test('a bad request is refused at once, and told', async () => {
    const store = new FlakyStore();
    const heard: StoreCall[] = [];
    const time = new VirtualTime();
    const tasks = layered(store.asTaskStore, { backend: 'x', ambient: time, observe: (call) => void heard.push(call) });
    await expect(tasks.get([''])).rejects.toMatchObject({ code: 'INVALID_NAME' });
    expect([store.calls, time.waits]).toStrictEqual([[], []]);
    expect(heard).toMatchObject([{ verb: 'get', error: { code: 'INVALID_NAME' } }]);
  });

  test('a whole backend keeps the stores it has, and each is translated, retried and told', async () => {
    let puts = 0;
    let closed = 0;
    const put = async (): Promise<void> => {
      puts += 1;
      if (puts === 1) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    };
    const backend = {
      tasks: new FlakyStore(runningTask()).asTaskStore,
      results: { put },
      events: { append: () => Promise.reject(new TypeError('bug')) },
      close: async () => void (closed += 1),
    } as unknown as Backend;
    const heard: StoreCall[] = [];
    const whole = layeredBackend(backend, {
      backend: 'x',
      ambient: new VirtualTime(),
      observe: (call) => void heard.push(call),
    });
    await whole.results?.put([]);
    await expect(whole.events?.append([])).rejects.toMatchObject({
      code: 'STORE_FAILED',
      cause: expect.any(TypeError),
    });
    await whole.tasks?.get(['t-1']);
    await whole.close();
    expect(Object.keys(whole).toSorted()).toStrictEqual(['close', 'events', 'results', 'tasks']);
    expect(heard.map(({ store, verb }) => `${store}.${verb}`)).toStrictEqual([
      'results.put',
      'events.append',
      'tasks.get',
    ]);
    expect([puts, closed]).toStrictEqual([2, 1]);
  });
});
