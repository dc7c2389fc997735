import assert from 'node:assert/strict';
import type { SharedLog } from '@omniq/core/storage';
import { bytes, text } from '../storage/rows.ts';
import { same, samples } from '../storage/samples.ts';
import { logCase, type LogCase } from './log-case.ts';

const MEBIBYTE = 1_048_576;

export const snapshotCases: readonly LogCase[] = [
  logCase('snapshots', 'what was saved is loaded, by every opening, and is no entry', async (stage) => {
    const other = await stage.again();
    await stage.fill(3);
    await stage.log.saveSnapshot(2, text('as of 2'));
    for (const log of [stage.log, other, await stage.again()]) await assertSnapshot(log, 2, text('as of 2'));
    await stage.reads();
    await stage.append();
    await stage.reads(other);
  }),

  logCase('snapshots', 'the one of the highest position wins, whenever it was saved', async (stage) => {
    await stage.fill(12);
    // In any order of saving, and where text would sort 10 before 9.
    for (const [position, highest] of [
      [4, 4],
      [2, 4],
      [9, 9],
      [3, 9],
      [10, 10],
      [12, 12],
      [11, 12],
    ] as const) {
      await stage.log.saveSnapshot(position, text(`as of ${position}`));
      await assertSnapshot(stage.log, highest, text(`as of ${highest}`));
    }
    await assertSnapshot(await stage.again(), 12, text('as of 12'));
  }),

  logCase('snapshots', 'one that is there already stays', async (stage) => {
    await stage.fill(5);
    const other = await stage.again();
    await stage.log.saveSnapshot(5, text('first'));
    await stage.log.saveSnapshot(5, text('second, and longer'));
    await other.saveSnapshot(5, bytes(3));
    for (const log of [stage.log, other]) await assertSnapshot(log, 5, text('first'));
  }),

  logCase('snapshots', 'eight save one position at once: one of them is kept, whole', async (stage) => {
    await stage.fill(1);
    const openings = await stage.openings(8);
    await Promise.all(openings.map((log, n) => log.saveSnapshot(1, filled(300_000 + n * 1_000, n))));
    const found = await stage.log.loadSnapshot();
    const kept = found?.bytes[0] ?? -1;
    assert.ok(kept >= 0 && kept < 8);
    for (const log of openings) await assertSnapshot(log, 1, filled(300_000 + kept * 1_000, kept));
  }),

  logCase('snapshots', 'bytes come back exactly, as large as 8 MiB', async (stage) => {
    await stage.fill(samples.length + 1);
    for (const [n, sample] of samples.entries()) {
      if (sample.length === 0) continue;
      await stage.log.saveSnapshot(n + 1, sample);
      await assertSnapshot(stage.log, n + 1, sample);
    }
    const large = Uint8Array.from({ length: 8 * MEBIBYTE }, (_, n) => (n * 13 + (n >>> 9)) & 255);
    await stage.log.saveSnapshot(samples.length + 1, large);
    await assertSnapshot(await stage.again(), samples.length + 1, large);
    await stage.reads();
  }),
];

export async function assertSnapshot(log: SharedLog, position: number, expected: Uint8Array): Promise<void> {
  const found = await log.loadSnapshot();
  assert.equal(found?.position, position, 'the snapshot of the highest position');
  same(found.bytes, expected);
}

function filled(size: number, value: number): Uint8Array {
  return new Uint8Array(size).fill(value);
}
