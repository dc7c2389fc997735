import assert from 'node:assert/strict';
import { text } from '../storage/rows.ts';
import { logCase, type LogCase } from './log-case.ts';
import type { LogStage } from './log-stage.ts';
import { assertSnapshot } from './snapshot.ts';

export const trimCases: readonly LogCase[] = [
  logCase('trim', 'entries before the position are gone; itself and what follows stay', async (stage) => {
    const other = await stage.again();
    await stage.fill(10);
    await stage.log.saveSnapshot(8, text('as of 8'));
    await other.trim(6);
    for (const log of [stage.log, other, await stage.again()]) {
      for (const after of [0, 1, 4, 5]) await stage.readsFrom(6, log, after);
      for (const after of [6, 9, 10]) await stage.reads(log, after);
    }
  }),

  logCase('trim', 'appends go on at the right number', async (stage) => {
    const other = await stage.again();
    await stage.fill(10);
    await stage.log.saveSnapshot(10, text('as of 10'));
    await stage.log.trim(7);
    await stage.append();
    await stage.append(text('by another'), other);
    await stage.append(text('by a third'), await stage.again());
    for (const log of [stage.log, other]) await stage.readsFrom(7, log, 0);
  }),

  logCase('trim', 'again, further back, or at the first entry, it forgets no more', async (stage) => {
    await stage.fill(8);
    await stage.log.saveSnapshot(8, text('as of 8'));
    await stage.log.trim(1);
    await stage.reads();
    await stage.log.trim(5);
    for (const position of [5, 3, 1]) await stage.log.trim(position);
    await stage.readsFrom(5, stage.log, 0);
    await (await stage.again()).trim(8);
    await stage.readsFrom(8, stage.log, 0);
  }),

  logCase('trim', 'the newest snapshots stay, whatever was trimmed', async (stage) => {
    await stage.fill(12);
    for (const position of [2, 4, 9, 10]) await stage.log.saveSnapshot(position, text(`as of ${position}`));
    await stage.log.trim(3);
    await assertSnapshot(stage.log, 10, text('as of 10'));
    await stage.log.trim(11);
    await assertSnapshot(stage.log, 10, text('as of 10'));
    await stage.log.saveSnapshot(12, text('as of 12'));
    await assertSnapshot(await stage.again(), 12, text('as of 12'));
  }),

  logCase('trim', 'with every entry trimmed the numbers go on, for whoever opens it, too', async (stage) => {
    await stage.fill(5);
    await trimAll(stage);
    const other = await stage.again();
    for (const log of [stage.log, other]) {
      for (const after of [0, 3, 5]) assert.deepEqual(await log.read(after, 10), []);
    }
    await stage.append(text('the sixth'), other);
    await stage.readsFrom(6, stage.log, 0);
    await stage.reads(other, 5);
    await trimAll(stage);
    await stage.append(text('the seventh'), await stage.again());
    await stage.readsFrom(7, stage.log, 0);
  }),

  logCase('trim', 'a durable log that was trimmed to nothing goes on where it was', async (stage) => {
    if (!stage.log.capabilities.durable) return 'absent';
    await stage.fill(5);
    await trimAll(stage);
    await stage.log.close();
    const reopened = await stage.again();
    assert.deepEqual(await reopened.read(0, 10), []);
    await assertSnapshot(reopened, 5, text('as of 5'));
    await stage.append(text('the sixth'), reopened);
    await stage.readsFrom(6, reopened, 0);
  }),

  logCase('trim', 'a hole beyond the end is not taken for a trimmed beginning', async (stage) => {
    if (!stage.isNumberedByWriters) return 'absent';
    await stage.fill(6);
    await stage.log.saveSnapshot(6, text('as of 6'));
    await stage.log.trim(4);
    await stage.log.append(text('out of turn'), 8).catch(() => null);
    for (const log of await stage.openings(2)) {
      await stage.readsFrom(4, log, 0);
      await stage.reads(log, 6);
    }
  }),

  logCase('trim', 'while others append, it takes away nothing new', async (stage) => {
    const [log, trimmer, reader] = await stage.openings(3);
    assert.ok(log !== undefined && trimmer !== undefined && reader !== undefined);
    for (let round = 1; round <= 10; round += 1) {
      await stage.fill(3);
      const kept = stage.head - 1;
      await log.saveSnapshot(stage.head, text(`as of ${stage.head}`));
      await Promise.all([trimmer.trim(kept), stage.append(), reader.read(0, 100)]);
      await stage.readsFrom(kept, reader, 0);
    }
  }),
];

/** As far as it goes: a snapshot stands for every entry. */
async function trimAll(stage: LogStage): Promise<void> {
  await stage.log.saveSnapshot(stage.head, text(`as of ${stage.head}`));
  await stage.log.trim(stage.head + 1);
}
