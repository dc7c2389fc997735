import assert from 'node:assert/strict';
import { text } from '../storage/rows.ts';
import { logCase, type LogCase } from './log-case.ts';
import { readAll } from './log-stage.ts';

export const readCases: readonly LogCase[] = [
  logCase('read', 'a fresh log is empty', async (stage) => {
    for (const log of await stage.openings(2)) {
      for (const after of [0, 1, 100]) assert.deepEqual(await log.read(after, 10), []);
      assert.equal(await log.loadSnapshot(), null);
    }
  }),

  logCase('read', 'from every position, exactly what follows; at the end, none', async (stage) => {
    await stage.fill(7);
    for (let after = 0; after <= 7; after += 1) await stage.reads(stage.log, after);
    assert.deepEqual(await stage.log.read(7, 10), []);
    assert.deepEqual(await stage.log.read(50, 10), []);
  }),

  logCase('read', 'whatever the limit, a page has one entry at least, and pages follow one another', async (stage) => {
    await stage.fill(30);
    const all = Array.from({ length: 30 }, (_, n) => n + 1);
    for (const limit of [1, 2, 7, 29, 30, 31, 100_000]) {
      const entries = await readAll(stage.log, 0, limit);
      assert.deepEqual(
        entries.map(({ position }) => position),
        all,
        `limit ${limit}`,
      );
    }
  }),

  logCase('read', 'reading takes nothing away, and several may read at once', async (stage) => {
    await stage.fill(10);
    const openings = await stage.openings(3);
    await Promise.all([...openings, ...openings].map((log) => stage.reads(log)));
    await Promise.all(openings.map((log) => stage.reads(log, 4)));
  }),

  logCase('read', 'a log that looks empty for long still gets its first entry', async (stage) => {
    const other = await stage.again();
    for (let n = 0; n < 5; n += 1) assert.deepEqual(await other.read(0, 10), []);
    await stage.append(text('first'));
    await stage.reads(other);
  }),
];
