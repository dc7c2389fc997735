import assert from 'node:assert/strict';
import type { LogEntry, SharedLog } from '@omniq/core/storage';
import { same } from '../storage/samples.ts';
import { text } from '../storage/rows.ts';
import type { OpenedLog } from './log-case.ts';

/** A fresh log, what it should hold, and further openings of it. */
export class LogStage {
  readonly log: SharedLog;
  readonly again: () => Promise<SharedLog>;
  /** The bytes of every entry so far, in order; those that were trimmed, too. */
  readonly told: Uint8Array[] = [];
  readonly isNumberedByWriters: boolean;

  constructor(opened: OpenedLog) {
    this.log = opened;
    this.again = opened.again;
    this.isNumberedByWriters = opened.capabilities.numberedBy === 'writers';
  }

  /** The position of the last entry. */
  get head(): number {
    return this.told.length;
  }

  /** As many openings as asked for, the first among them. */
  async openings(count: number): Promise<SharedLog[]> {
    return [this.log, ...(await Promise.all(Array.from({ length: count - 1 }, () => this.again())))];
  }

  /** Appends one at the end, which has to be taken there. */
  async append(bytes: Uint8Array = text(`entry ${this.head + 1}`), log: SharedLog = this.log): Promise<void> {
    const at = this.head + 1;
    assert.equal(await log.append(bytes, at), at, 'an append at the end is told the next position');
    this.told.push(bytes);
  }

  async fill(count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) await this.append();
  }

  /** Holds an opening to giving exactly what was told, from after `after`. */
  async reads(log: SharedLog = this.log, after = 0): Promise<void> {
    await this.readsFrom(after + 1, log, after);
  }

  /** The same where the log was trimmed: the first entry is that of `first`. */
  async readsFrom(first: number, log: SharedLog, after: number): Promise<void> {
    const entries = await readAll(log, after);
    const expected = Array.from({ length: Math.max(0, this.head - first + 1) }, (_, n) => first + n);
    assert.deepEqual(
      entries.map(({ position }) => position),
      expected,
      `read after ${after}`,
    );
    for (const { position, bytes } of entries) same(bytes, this.told[position - 1] as Uint8Array);
  }
}

/** Every entry from after `after`, page by page to the end. */
export async function readAll(log: SharedLog, after = 0, limit = 100): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  let position = after;
  for (let page = 0; page < 20_000; page += 1) {
    const found = await log.read(position, limit);
    if (found.length === 0) return entries;
    for (const entry of found) {
      // Only before its first entry may a log have been trimmed.
      if (entries.length > 0) assert.equal(entry.position, position + 1, 'entries follow one another without gaps');
      assert.ok(entry.position > position, 'no entry comes before what was asked for');
      ({ position } = entry);
      entries.push(entry);
    }
  }
  assert.fail('reading does not end');
}
