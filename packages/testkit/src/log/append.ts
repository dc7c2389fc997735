import assert from 'node:assert/strict';
import { isOmniQError } from '@omniq/core/storage';
import { rejectsWith } from '../storage/abilities.ts';
import { text } from '../storage/rows.ts';
import { samples } from '../storage/samples.ts';
import { logCase, type LogCase } from './log-case.ts';
import type { LogStage } from './log-stage.ts';

const MEBIBYTE = 1_048_576;
/** Above this, a case cannot make an entry that is too large. */
const LARGEST_TRIED = 256 * MEBIBYTE;

export const appendCases: readonly LogCase[] = [
  logCase('append', 'positions count from 1, without gaps', async (stage) => {
    await stage.fill(25);
    await stage.reads();
  }),

  logCase('append', 'bytes come back exactly: one, every value, views of larger arrays, a mebibyte', async (stage) => {
    const other = await stage.again();
    const { maxBytes } = stage.log.capabilities;
    const single = Array.from([0, 10, 13, 255], (value) => Uint8Array.of(value));
    for (const sample of [...single, ...samples]) {
      if (sample.length > 0 && sample.length <= maxBytes) await stage.append(sample);
    }
    await stage.reads();
    await stage.reads(other);
  }),

  logCase('append', 'an entry may be as large as the log says', async (stage) => {
    const size = Math.min(stage.log.capabilities.maxBytes, 8 * MEBIBYTE);
    assert.ok(size >= 1_024, 'an entry of a kibibyte fits at least');
    await stage.append(Uint8Array.from({ length: size }, (_, n) => (n * 7 + (n >>> 10)) & 255));
    await stage.append();
    await stage.reads();
  }),

  logCase('append', 'a larger entry is refused and changes nothing', async (stage) => {
    const { maxBytes } = stage.log.capabilities;
    if (maxBytes >= LARGEST_TRIED) return 'absent';
    await stage.fill(2);
    await rejectsWith('PAYLOAD_TOO_LARGE', () => stage.log.append(new Uint8Array(maxBytes + 1), 3));
    await stage.reads();
    await stage.append();
    await stage.reads(await stage.again());
  }),

  logCase('numbers', 'at a taken number, writers are told so and change nothing', async (stage) => {
    if (!stage.isNumberedByWriters) return 'absent';
    await stage.fill(3);
    for (const log of await stage.openings(2)) {
      for (const at of [1, 2, 3]) {
        assert.equal(await log.append(text('late'), at), null);
        assert.equal(await log.append(stage.told[at - 1] as Uint8Array, at), null, 'nor by the same bytes again');
      }
    }
    await stage.reads();
    await stage.append();
    await stage.reads(await stage.again());
  }),

  logCase('numbers', 'a log that numbers does not care which number was asked for', async (stage) => {
    if (stage.isNumberedByWriters) return 'absent';
    for (const log of await stage.openings(2)) {
      for (const at of [1, 1, 0, 3, 1_000]) {
        const bytes = text(`asked for ${at}`);
        assert.equal(await log.append(bytes, at), stage.told.push(bytes));
      }
    }
    await stage.reads();
  }),

  logCase('numbers', 'readers do not fall into a hole before an entry beyond the end', async (stage) => {
    if (!stage.isNumberedByWriters) return 'absent';
    await stage.fill(3);
    const [log, other] = await stage.openings(2);
    for (const reader of [log, other]) {
      const kept = await appendBeyond(stage, text(`entry ${stage.head + 2}`));
      await stage.reads(reader);
      await stage.reads(reader, stage.head);
      await stage.append();
      if (kept) stage.told.push(text(`entry ${stage.head + 1}`));
      await stage.reads(reader);
    }
  }),
];

/** Leaves one number out; returns whether the log took the entry. */
async function appendBeyond(stage: LogStage, bytes: Uint8Array): Promise<boolean> {
  const at = stage.head + 2;
  try {
    assert.equal(await stage.log.append(bytes, at), at, 'there is no entry yet');
    return true;
  } catch (error) {
    if (isOmniQError(error) && error.code.startsWith('STORE_')) return false;
    throw error;
  }
}
