import assert from 'node:assert/strict';
import type { LogEntry, SharedLog } from '@omniq/core/storage';
import { text } from '../storage/rows.ts';
import { logCase, type LogCase } from './log-case.ts';
import { readAll, type LogStage } from './log-stage.ts';

const EIGHT = 8;
const EACH = 50;

export const sharingCases: readonly LogCase[] = [
  logCase('sharing', 'what one opening is acknowledged, the others read at once', async (stage) => {
    const openings = await stage.openings(3);
    for (let n = 0; n < 30; n += 1) {
      await stage.append(text(`turn ${n}`), openings[n % 3] as SharedLog);
      for (const log of openings) {
        const [entry] = await log.read(stage.head - 1, 10);
        assert.equal(entry?.position, stage.head);
        assert.deepEqual(await log.read(stage.head, 10), []);
      }
    }
    for (const log of openings) await stage.reads(log);
  }),

  logCase('sharing', 'an opening that was idle from the start has missed nothing', async (stage) => {
    const idle = await stage.again();
    await stage.fill(40);
    await stage.append(text('by the idle one'), idle);
    await stage.reads(idle);
    await stage.reads();
  }),

  logCase('races', 'eight append at once: each entry once, none lost, in one order for all', async (stage) => {
    const openings = await stage.openings(EIGHT);
    const told = await race(openings, stage);
    const [first, ...others] = await Promise.all([...openings, await stage.again()].map((log) => readAll(log)));
    assertRace(first as LogEntry[], told);
    for (const other of others) assert.deepEqual(other.map(plain), (first as LogEntry[]).map(plain));
  }),

  logCase('races', 'who reads while eight append never sees a gap, nor an entry that changes', async (stage) => {
    const [reader, idle, ...openings] = await stage.openings(EIGHT + 2);
    const seen: LogEntry[] = [];
    let isRacing = true;
    const reading = (async () => {
      while (isRacing) {
        const found = await (reader as SharedLog).read(seen.at(-1)?.position ?? 0, 3);
        for (const entry of found) {
          assert.equal(entry.position, seen.length + 1, 'entries follow one another without gaps');
          seen.push(entry);
        }
        // A log in memory answers at once: the others must get their turns.
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const [told] = await Promise.all([race(openings, stage).finally(() => (isRacing = false)), reading]);
    const rest = await readAll(reader as SharedLog, seen.length);
    assertRace([...seen, ...rest], told);
    assert.deepEqual([...seen, ...rest].map(plain), (await readAll(idle as SharedLog)).map(plain));
  }),

  logCase('races', 'eight want one number: one gets it', async (stage) => {
    if (!stage.isNumberedByWriters) return 'absent';
    const openings = await stage.openings(EIGHT);
    for (let at = 1; at <= 20; at += 1) {
      const positions = await Promise.all(openings.map((log, n) => log.append(text(`${at} by ${n}`), at)));
      const winners = positions.flatMap((position, n) => (position === null ? [] : [n]));
      assert.equal(winners.length, 1, 'one of eight gets the number');
      assert.equal(positions[winners[0] as number], at);
      stage.told.push(text(`${at} by ${winners[0]}`));
    }
    for (const log of openings) await stage.reads(log);
  }),
];

/** All append their entries as fast as they can; returns what was acknowledged, by position. */
async function race(openings: readonly SharedLog[], stage: LogStage): Promise<Map<number, string>> {
  const told = new Map<number, string>();
  await Promise.all(
    openings.map(async (log, writer) => {
      let known = 0;
      for (let n = 0; n < EACH; n += 1) {
        const content = `${writer}: ${n}`;
        known = await appendAtEnd(log, content, known, stage.isNumberedByWriters);
        assert.equal(told.has(known), false, 'no position is given twice');
        told.set(known, content);
      }
    }),
  );
  return told;
}

/** Tries the number after the last that is known; where that is taken, learns what is there and tries the next. */
async function appendAtEnd(log: SharedLog, content: string, known: number, byWriters: boolean): Promise<number> {
  let head = known;
  for (let attempt = 0; attempt < 10_000; attempt += 1) {
    const position = await log.append(text(content), head + 1);
    if (position !== null) return position;
    assert.ok(byWriters, 'a log that numbers takes every append');
    const last = (await log.read(head, 100)).at(-1);
    assert.ok(last !== undefined, 'a number that is taken has an entry');
    head = last.position;
  }
  assert.fail('an append is never taken');
}

function assertRace(entries: readonly LogEntry[], told: ReadonlyMap<number, string>): void {
  assert.equal(entries.length, told.size, 'as many entries as were acknowledged');
  assert.equal(told.size, EIGHT * EACH);
  entries.forEach(({ position, bytes }, n) => {
    assert.equal(position, n + 1);
    assert.equal(new TextDecoder().decode(bytes), told.get(position), `entry ${position}`);
  });
  const next = new Map<string, number>();
  for (const { bytes } of entries) {
    const [writer = '', n] = new TextDecoder().decode(bytes).split(': ');
    assert.equal(Number(n), next.get(writer) ?? 0, 'the entries of one writer stay in its order');
    next.set(writer, Number(n) + 1);
  }
}

/** What two readers of one entry must agree on. */
function plain({ position, bytes, time }: LogEntry): readonly unknown[] {
  return [position, new TextDecoder().decode(bytes), time];
}
