import { OmniQError, type SharedLog } from '@omniq/core/storage';
import { expect, test } from 'vitest';
import { logCases, runLogConformance, sharedLogConformance, type OpenedLog } from '../../src/log/index.ts';
import { arrayLog } from './array-log.ts';

/** It does not last, and its writers do not number. */
const notPromised = 6;

/** A log with a bug: what was appended is found one position further on. */
async function shifted(): Promise<OpenedLog> {
  const log = await arrayLog();
  return { ...log, append: async (bytes, at) => ((await log.append(bytes, at)) ?? 0) + 1 };
}

test('any test runner is told of every case, and what is not promised is kept', async () => {
  const declared: ((context?: unknown) => Promise<void>)[] = [];
  sharedLogConformance('array', arrayLog, {
    describe: (_title, body) => body(),
    test: (_title, body) => declared.push(body),
  });
  expect(declared).toHaveLength(logCases.length);
  for (const run of declared) await run();
});

test('the report counts what passed, and what is not promised', async () => {
  const { passed, failed, skipped, features, failures } = await runLogConformance('array', arrayLog);
  expect(failures).toEqual([]);
  expect({ passed, failed, skipped }).toEqual({
    passed: logCases.length - notPromised,
    failed: 0,
    skipped: notPromised,
  });
  expect(features['read']).toEqual({
    passed: logCases.filter(({ feature }) => feature === 'read').length,
    failed: 0,
    skipped: 0,
  });
});

test('a bug is in the report, with what it broke', async () => {
  const { failed, failures, features } = await runLogConformance('shifted', shifted);
  expect(failures).toHaveLength(failed);
  expect(failures[0]).toMatchObject({ feature: 'append', title: 'positions count from 1, without gaps' });
  expect(features['append']?.failed).toBe(failures.filter(({ feature }) => feature === 'append').length);
});

test('a run may end at the first failure', async () => {
  expect((await runLogConformance('bail', shifted, { bail: true })).failures).toHaveLength(1);
});

test('a case that never ends is a failure, not a run that never ends', async () => {
  const stuck = async (): Promise<OpenedLog> => ({ ...(await arrayLog()), read: () => new Promise(() => {}) });
  const { failures } = await runLogConformance('stuck', stuck, { bail: true, caseTimeoutMs: 20 });
  expect(String(failures[0]?.error)).toContain('20 ms');
});

test('a log that cannot be opened fails every case', async () => {
  const open = (): Promise<never> => Promise.reject(new OmniQError('STORE_UNREACHABLE', 'It is down.'));
  const { passed, failed } = await runLogConformance('closed door', open);
  expect({ passed, failed }).toEqual({ passed: 0, failed: logCases.length });
});

test('a log that cannot wake says so, and is not held to it', async () => {
  const deafen = <L extends SharedLog>(log: L): L => ({
    ...log,
    capabilities: { ...log.capabilities, wakes: false },
    watch(wake) {
      log.watch(wake)();
      return () => {};
    },
  });
  const deaf = async (): Promise<OpenedLog> => {
    const log = await arrayLog();
    return { ...deafen(log), again: async () => deafen(await log.again()) };
  };
  const { failures, features } = await runLogConformance('deaf', deaf);
  expect(failures).toEqual([]);
  expect(features['watch']).toEqual({ passed: 1, failed: 0, skipped: 2 });
});

test('every opening that a case asked for is closed after it', async () => {
  const open = new Set<symbol>();
  let opened = 0;
  const counted = <L extends object>(log: L & { close(): Promise<void> }): L => {
    const name = Symbol('opening');
    open.add(name);
    opened += 1;
    const close = async (): Promise<void> => {
      open.delete(name);
      await log.close();
    };
    return { ...log, close };
  };
  await runLogConformance('count', async () => {
    const log = await arrayLog();
    return { ...counted(log), again: async () => counted(await log.again()) };
  });
  expect(opened).toBeGreaterThan(2 * logCases.length);
  expect(open.size).toBe(0);
});

test('titles are unique within a feature', () => {
  const titles = logCases.map(({ feature, title }) => `${feature}: ${title}`);
  expect(new Set(titles).size).toBe(titles.length);
});
