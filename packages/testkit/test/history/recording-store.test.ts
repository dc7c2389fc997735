import { OmniQError, type TaskStore } from '@omniq/core/storage';
import { Recorder, recordingStore, type HistoryRecord } from '@omniq/testkit/history';
import { newTask } from '@omniq/testkit/storage';
import { expect, test } from 'vitest';
import { ModelStore } from './model-store.ts';

const NOW = 1_000_000;
const row = newTask({ id: 't', runAt: NOW });
const request = { session: 's', lane: 0, request: 1, queues: ['default'], limit: 5, start: 5, now: NOW };

/** What is recorded of calls to a store, in short. */
function recording(store: TaskStore): { readonly store: TaskStore; readonly told: () => string[] } {
  const records: HistoryRecord[] = [];
  const write = (lines: string): void => {
    for (const line of lines.trimEnd().split('\n')) records.push(JSON.parse(line) as HistoryRecord);
  };
  const recorder = new Recorder({ write, close() {} }, { process: 'p', clock: () => NOW });
  const phases = (): string[] =>
    records.flatMap((record) => ('phase' in record ? [`${record.op} ${record.phase}`] : [record.op])).slice(2);
  return { store: recordingStore(store, recorder), told: phases };
}

test('an act is written before the store hears of it, its outcome before the caller does', async () => {
  const model = new ModelStore();
  const seen: string[][] = [];
  const insert: TaskStore['insert'] = (rows, now) => {
    seen.push(told());
    return model.insert(rows, now);
  };
  const { store, told } = recording(Object.assign(Object.create(model) as TaskStore, { insert }));
  await store.insert([row, { ...row, id: 'u' }], NOW);
  expect(seen).toEqual([['enqueue invoke', 'enqueue invoke']]);
  expect(told().slice(2)).toEqual(['enqueue ok', 'enqueue ok']);
});

test.each([
  ['PARENT_UNKNOWN', 'enqueue fail'],
  ['STORE_UNREACHABLE', 'enqueue unknown'],
  ['STORE_BUSY', 'enqueue unknown'],
] as const)('a store that throws %s: %s', async (code, outcome) => {
  const insert = (): Promise<never> => Promise.reject(new OmniQError(code, 'No.'));
  const { store, told } = recording(Object.assign(Object.create(new ModelStore()) as TaskStore, { insert }));
  await expect(store.insert([row], NOW)).rejects.toThrow('No.');
  expect(told()).toEqual(['enqueue invoke', outcome]);
});

test('what is no error of ours may have had its effect', async () => {
  const claim = (): Promise<never> => Promise.reject(new TypeError('socket hang up'));
  const { store, told } = recording(Object.assign(Object.create(new ModelStore()) as TaskStore, { claim }));
  await expect(store.claim(request)).rejects.toThrow('socket');
  expect(told()).toEqual(['claim invoke', 'claim unknown']);
});

test('a swap is settles and a claim, under way at once; without one there is none', async () => {
  const model = new ModelStore();
  expect('swap' in recording(model.asStore).store).toBe(false);
  const swap: TaskStore['swap'] = async (changes, next) => {
    const outcomes = await model.update(changes, next.now);
    return { outcomes, claimed: await model.claim(next) };
  };
  const { store, told } = recording({ ...bound(model), swap });
  await store.insert([row, { ...row, id: 'u', priority: -1 }], NOW);
  const [task] = await store.claim({ ...request, limit: 1 });
  const settle = { id: 't', guard: { lease: task?.lease ?? 0 }, set: { state: 'completed' } } as const;
  const { outcomes, claimed } = (await store.swap?.([settle, settle], { ...request, request: 2 })) ?? {};
  expect(outcomes?.map(({ status }) => status)).toEqual(['applied', 'stale']);
  expect(claimed?.map(({ id }) => id)).toEqual(['u']);
  expect(told().slice(6)).toEqual([
    'settle invoke',
    'settle invoke',
    'claim invoke',
    'claim ok',
    'settle ok',
    'settle refused',
  ]);
});

function bound(model: ModelStore): TaskStore {
  const store = model.asStore;
  return {
    ...store,
    capabilities: model.capabilities,
    insert: store.insert.bind(model),
    claim: store.claim.bind(model),
    update: store.update.bind(model),
  };
}
