import assert from 'node:assert/strict';
import type { LogEntry } from '@omniq/core/storage';
import { text } from '../storage/rows.ts';
import { logCase, type LogCase } from './log-case.ts';
import { readAll } from './log-stage.ts';

/** How far the clocks of two machines may be apart before it is no use to call it the time. */
const NEAR_MS = 5 * 60_000;

export const timeCases: readonly LogCase[] = [
  logCase('time', 'entries carry the time of the log, which is near the real one and never falls', async (stage) => {
    const openings = await stage.openings(2);
    for (let n = 0; n < 20; n += 1) await stage.append(text(`entry ${n}`), openings[n % 2]);
    const entries = await readAll(stage.log);
    if (!stage.log.capabilities.clock) {
      assert.ok(
        entries.every(({ time }) => time === null),
        'a log without a clock says so in each entry',
      );
      return;
    }
    assertTimes(entries);
    assertNear(entries.at(0), Date.now());
    assertNear(entries.at(-1), Date.now());
  }),

  logCase('time', 'the time of an entry stays what it was', async (stage) => {
    await stage.fill(5);
    const before = (await readAll(stage.log)).map(({ time }) => time);
    await stage.fill(5);
    // Long enough for the clock to have moved.
    await new Promise((resolve) => setTimeout(resolve, 5));
    const after = (await readAll(await stage.again())).map(({ time }) => time);
    assert.deepEqual(after.slice(0, 5), before);
  }),
];

function assertTimes(entries: readonly LogEntry[]): void {
  let last = 0;
  for (const { position, time } of entries) {
    assert.ok(typeof time === 'number' && Number.isFinite(time), `entry ${position} has a time`);
    assert.ok(time >= last, `the time of entry ${position} is not before that of the one before`);
    last = time;
  }
}

function assertNear(entry: LogEntry | undefined, now: number): void {
  assert.ok(
    Math.abs((entry?.time ?? 0) - now) < NEAR_MS,
    'the time is epoch ms, within minutes of that of this machine',
  );
}
