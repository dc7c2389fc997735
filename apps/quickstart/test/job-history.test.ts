import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOmniQ, defineTask, isOmniQError } from '@omniq/omniq';
import {
  checkHistory,
  readHistory,
  recorded,
  recordEnqueues,
  Recorder,
  recordingPlugin,
  snapshotOf,
} from '@omniq/testkit/history';
import sqlite from '@omniq/storage-sqlite';
import { expect, test, vi } from 'vitest';
import { historyVariable, judgeHistory } from '../src/job-history.ts';
import { MainProcess } from '../src/main-process.ts';
import { tempFolder } from './temp-folder.ts';

// A process is started, on machines that may have other things to do.
vi.setConfig({ testTimeout: 60_000 });

test('a process that is asked to writes its history; a line that is missing from it is missed', async () => {
  const place = tempFolder({ 'tree/one.txt': 'one', 'tree/two.txt': 'two' });
  const histories = join(place, 'histories');
  const storage = `sqlite:${join(place, 'queue.db')}`;
  const args = [join(place, 'tree'), '--batch', '1', '--storage', storage];
  const { code } = await new MainProcess(args, { [historyVariable]: histories }).ended;
  expect(code).toBe(0);

  const { verdict, text } = await judgeHistory(histories, storage);
  expect(text).toMatch(/ 0 violations$/);
  expect(verdict).toMatchObject({ acked: 5, started: 5, ended: 5, duplicates: 0, complete: true });

  const [file] = readdirSync(histories);
  const path = join(histories, file as string);
  const lines = readFileSync(path, 'utf8').split('\n');
  const isEnqueue = (line: string): boolean => line.includes('"op":"enqueue"') && line.includes('/scan"');
  const [enqueue] = lines.filter(isEnqueue).map((line) => JSON.parse(line) as { call: number });
  writeFileSync(
    path,
    lines
      .filter((line) => !line.includes(`"call":${enqueue?.call},`) && !line.includes(`"call":${enqueue?.call}}`))
      .join('\n'),
  );
  const { violations } = (await judgeHistory(histories, storage)).verdict;
  expect(violations.map(({ rule }) => rule)).toContain('invented');
});

test('what users enqueue and run is recorded without its store', async () => {
  const place = tempFolder();
  const recorder = Recorder.open(place);
  const omniq = await createOmniQ({ logging: { disabled: true } });
  const once = new Set<string>();
  const work = defineTask({
    name: 'work',
    retry: { maxAttempts: 2, delay: '1ms', jitter: 0 },
    run: recorded(recorder, async ({ n }: { n: number }, { id }) => {
      if (n === 2 && !once.has(id)) {
        once.add(id);
        throw new Error('again');
      }
      return n;
    }),
  });
  const producer = recordEnqueues(omniq, recorder);
  const worker = await omniq.work({ tasks: [work], poll: '10ms' });
  const one = await producer.enqueue(work, { n: 1 }, { id: 'one' });
  const more = await producer.enqueueMany([
    [work, { n: 2, when: new Date(7), no: undefined }],
    [work, { n: 3 }, { unique: 'k' }],
  ]);
  const again = await producer.enqueue(work, { n: 9 }, { id: 'one' });
  expect(again.inserted).toBe(false);
  for (const handle of [one, ...more]) await handle.result();
  const broken = producer.enqueue(work, { n: 4 }, { dependsOn: 'nobody' }).catch((error: unknown) => error);
  expect(isOmniQError(await broken, 'PARENT_UNKNOWN')).toBe(true);
  await worker.stop();

  const snapshot = await snapshotOf(omniq.tasks);
  const verdict = checkHistory(await readHistory(place), { snapshot });
  expect(verdict).toMatchObject({ acked: 3, started: 4, duplicates: 0, complete: false, violations: [] });
  await omniq.close();
});

test('a recorded store tells leases and settles as the store gave them', async () => {
  const place = tempFolder();
  const recorder = Recorder.open(join(place, 'histories'));
  const storage = { url: `sqlite:${join(place, 'queue.db')}`, plugin: recordingPlugin(sqlite, recorder) };
  const omniq = await createOmniQ({ storage, logging: { disabled: true } });
  const fail = defineTask({
    name: 'fail',
    retry: { maxAttempts: 1 },
    run: async () => Promise.reject(new Error('no')),
  });
  const worker = await omniq.work({ tasks: [fail], poll: '10ms' });
  const handle = await omniq.enqueue(fail);
  await expect(handle.result()).rejects.toThrow('no');
  await omniq.queues.pause('default');
  await omniq.tasks.redrive(handle.id);
  expect(await omniq.tasks.cancel(handle.id)).toBe('cancelled');
  await worker.stop();
  const snapshot = await snapshotOf(omniq.tasks);
  await omniq.close();

  const history = await readHistory(join(place, 'histories'));
  expect(checkHistory(history, { snapshot })).toMatchObject({
    acked: 1,
    started: 1,
    ended: 1,
    complete: true,
    violations: [],
  });
  const ops = new Set(history.lines.map(({ record }) => record.op));
  expect([...ops].sort()).toEqual([
    'cancel',
    'claim',
    'configure',
    'end',
    'enqueue',
    'process',
    'redrive',
    'settle',
    'store',
  ]);
});
