import type { Backend } from '@omniq/core/storage';
import { expect, test } from 'vitest';
import { cases, conformance, runConformance, type WrapBackend } from '../src/storage/index.ts';
import { mapRecords } from './map-records.ts';

const recordCases = cases.filter(({ store }) => store === 'records').length;

test('any test runner is told of every case, bare and behind layers, and skips by name what is not offered', async () => {
  const declared: ((context: unknown) => Promise<void>)[] = [];
  conformance('map', async () => mapRecords(), {
    describe: (_title, body) => body(),
    test: (_title, body) => declared.push(body),
    wrap: (backend) => backend,
  });
  expect(declared).toHaveLength(2 * cases.length);
  const reasons: string[] = [];
  for (const run of declared) await run({ skip: (why: string) => reasons.push(why) });
  expect(reasons).toHaveLength(2 * (cases.length - recordCases));
  expect(new Set(reasons)).toEqual(
    new Set(['tasks', 'results', 'events', 'schedules'].map((store) => `no ${store} store`)),
  );
});

/** A layer with a bug: it takes every write for granted. */
const hasty: WrapBackend = (backend) => {
  const { records } = backend;
  if (records === undefined) return backend;
  const put = (key: string, value: Uint8Array): Promise<string | null> => records.put(key, value);
  return { ...backend, records: Object.assign(Object.create(records) as typeof records, { put }) };
};

test('the report counts what passed, and skips the stores that are not offered', async () => {
  const report = await runConformance('map', async () => mapRecords());
  const { passed, failed, skipped, features, failures } = report;
  expect({ passed, failed, skipped }).toEqual({ passed: recordCases, failed: 0, skipped: cases.length - recordCases });
  expect(failures).toEqual([]);
  expect(features['records/bytes']).toEqual({ passed: 1, failed: 0, skipped: 0 });
  expect(features['tasks/claim']).toMatchObject({ passed: 0, failed: 0 });
});

test('a bug is in the report, with what it broke', async () => {
  const { failed, failures, features } = await runConformance('hasty', async () => hasty(mapRecords()));
  expect(failed).toBeGreaterThan(0);
  expect(failures[0]).toMatchObject({ store: 'records', feature: 'compare-and-set', layered: false });
  expect(features['records/compare-and-set']?.failed).toBe(failures.length);
});

test('a bug in a layer is told apart from one in the backend', async () => {
  const { failures } = await runConformance('layered', async () => mapRecords(), { wrap: hasty });
  expect(failures.length).toBeGreaterThan(0);
  expect(failures.every(({ layered }) => layered)).toBe(true);
});

test('a run may end at the first failure', async () => {
  const { failures } = await runConformance('bail', async () => hasty(mapRecords()), { bail: true });
  expect(failures).toHaveLength(1);
});

test('a case that never ends is a failure, not a run that never ends', async () => {
  const stuck = async (): Promise<Backend> => {
    const backend = mapRecords();
    const get = (): Promise<never> => new Promise(() => {});
    return { ...backend, records: Object.assign(Object.create(backend.records as object) as never, { get }) };
  };
  const { failures } = await runConformance('stuck', stuck, { bail: true, caseTimeoutMs: 20 });
  expect(String(failures[0]?.error)).toContain('20 ms');
});

test('a backend that cannot be opened fails every case', async () => {
  const { passed, failed } = await runConformance('closed door', () => Promise.reject(new Error('no')));
  expect({ passed, failed }).toEqual({ passed: 0, failed: cases.length });
});

test('every backend that a case opened is closed after it', async () => {
  let [opened, closed] = [0, 0];
  await runConformance('count', async () => {
    const backend = mapRecords();
    opened += 1;
    const close = async (): Promise<void> => {
      closed += 1;
      await backend.close();
    };
    return { ...backend, close };
  });
  expect(opened).toBe(cases.length);
  expect(closed).toBe(opened);
});

test('titles are unique within a feature', () => {
  const titles = cases.map(({ store, feature, title }) => `${store}/${feature}: ${title}`);
  expect(new Set(titles).size).toBe(titles.length);
});
