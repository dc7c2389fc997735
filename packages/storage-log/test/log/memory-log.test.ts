import { systemAmbient } from '@omniq/core';
import { logCases, sharedLogConformance } from '@omniq/testkit/log';
import { describe, expect, test } from 'vitest';
import { freshMemoryLog } from './fresh-memory-log.ts';
import { openMemoryLog, SharedMemory, type MemoryLogOptions } from './memory-log.ts';

const { clock } = systemAmbient;
const variants: Readonly<Record<string, MemoryLogOptions>> = {
  'a log that numbers': { numberedBy: 'log', clock },
  'a log that writers number': { numberedBy: 'writers', clock: null },
  'a log that writers number, with a clock': { numberedBy: 'writers', clock },
  'a log that lasts': { numberedBy: 'writers', clock: null, durable: true },
  'a log that numbers, and lasts': { numberedBy: 'log', clock: null, durable: true, maxBytes: 1_024 },
};

for (const [name, options] of Object.entries(variants))
  sharedLogConformance(name, freshMemoryLog(options), { describe, test });

test('every case is proved by one of them', async () => {
  const opens = Object.values(variants).map((options) => freshMemoryLog(options));
  const unproved: string[] = [];
  for (const subject of logCases) {
    const verdicts = await Promise.all(opens.map((open) => subject.run(open)));
    if (!verdicts.includes('proved')) unproved.push(subject.title);
  }
  expect(unproved).toEqual([]);
});

test('the time of entries stands still while the clock is set back', async () => {
  let now = 1_000;
  const log = await openMemoryLog(new SharedMemory(), { numberedBy: 'log', clock: { now: () => now } });
  for (const time of [1_000, 1_005, 400, 1_003, 1_010]) {
    now = time;
    await log.append(Uint8Array.of(1), 0);
  }
  expect((await log.read(0, 10)).map(({ time }) => time)).toEqual([1_000, 1_005, 1_005, 1_005, 1_010]);
});

test('a trim leaves two snapshots, and memory for what was kept alone', async () => {
  const memory = new SharedMemory();
  const log = await openMemoryLog(memory, { numberedBy: 'writers', clock: null });
  for (let at = 1; at <= 10; at += 1) await log.append(Uint8Array.of(at), at);
  for (const position of [9, 2, 7, 4]) await log.saveSnapshot(position, Uint8Array.of(position));
  await log.trim(6);
  expect([...memory.snapshots.keys()].toSorted((a, b) => a - b)).toEqual([7, 9]);
  expect([...memory.entries.keys()]).toEqual([6, 7, 8, 9, 10]);
});

test('a trimmed number is free again, as wherever entries are created if absent; no reader sees it', async () => {
  const log = await openMemoryLog(new SharedMemory(), { numberedBy: 'writers', clock: null });
  for (let at = 1; at <= 5; at += 1) await log.append(Uint8Array.of(at), at);
  await log.trim(4);
  expect(await log.append(Uint8Array.of(99), 2)).toBe(2);
  expect((await log.read(0, 10)).map(({ position }) => position)).toEqual([4, 5]);
});

test('whoever appended may use its array for something else', async () => {
  const log = await openMemoryLog(new SharedMemory(), { numberedBy: 'log', clock: null });
  const bytes = Uint8Array.of(1);
  await log.append(bytes, 1);
  await log.saveSnapshot(1, bytes);
  bytes[0] = 9;
  expect([...((await log.read(0, 1))[0]?.bytes ?? [])]).toEqual([1]);
  expect([...((await log.loadSnapshot())?.bytes ?? [])]).toEqual([1]);
});
