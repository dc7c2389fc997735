import { readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openFileLog } from '../src/index.ts';
import { freshFolders } from './folder.ts';
import { bytesOf, contents, damages, entries, entryFile, filesIn, filled, textOf } from './logs.ts';

const fresh = freshFolders();

// An entry is written before it has a number; that it stands where it belongs is for the digests of the log to tell.
const ofEntries = Object.keys(damages).filter((kind) => kind !== 'is that of another number');

describe.each(ofEntries)('an entry that %s', (kind) => {
  const spoil = damages[kind] as (file: string) => void;

  test('ends the log before it, with a report; what follows is kept aside', async () => {
    const folder = fresh();
    await (await filled(folder, 6)).close();
    const file = entryFile(folder, 4);
    spoil(file);
    const spoilt = readFileSync(file);
    const fifth = readFileSync(entryFile(folder, 5));
    const log = await openFileLog(folder);
    expect(await log.append(bytesOf('over it'), 4), 'it is never written over').toBeNull();
    expect((await log.read(0, 100)).map(({ position }) => position)).toEqual([1, 2, 3]);
    await expect(log.read(3, 100)).rejects.toMatchObject({ code: 'STORE_CORRUPT', details: { file, position: 4 } });
    expect(await log.read(3, 100)).toEqual([]);
    expect(readFileSync(join(folder, 'quarantine/cut-1', '0000000000000004')).equals(spoilt)).toBe(true);
    expect(readFileSync(join(folder, 'quarantine/cut-1', '0000000000000005')).equals(fifth)).toBe(true);
    expect(filesIn(join(folder, 'quarantine'))).toHaveLength(3);
    expect(await log.append(bytesOf('new'), 4)).toBe(4);
    for (const each of [log, await openFileLog(folder)]) {
      expect(await contents(each)).toEqual([...entries(1, 2, 3), [4, 'new']]);
    }
  });

  test('is passed over, with a report, where a snapshot stands for it', async () => {
    const folder = fresh();
    const before = await filled(folder, 6);
    await before.saveSnapshot(5, bytesOf('as of 5'));
    spoil(entryFile(folder, 4));
    const log = await openFileLog(folder);
    expect(await contents(log, 5)).toEqual(entries(6));
    expect((await log.read(0, 100)).map(({ position }) => position)).toEqual([1, 2, 3]);
    await expect(log.read(3, 100)).rejects.toMatchObject({ code: 'STORE_CORRUPT', details: { position: 4 } });
    for (const each of [log, before, await openFileLog(folder)]) {
      expect(await contents(each, 3)).toEqual(entries(5, 6));
      expect((await each.loadSnapshot())?.position).toBe(5);
    }
    expect(filesIn(join(folder, 'quarantine'))).toHaveLength(1);
    expect(await before.append(bytesOf('entry 7'), 7)).toBe(7);
  });
});

test('an entry that is missing ends the log', async () => {
  const folder = fresh();
  await (await filled(folder, 6)).close();
  unlinkSync(entryFile(folder, 3));
  const log = await openFileLog(folder);
  await expect(log.read(0, 100)).rejects.toMatchObject({
    code: 'STORE_CORRUPT',
    details: { position: 3, fault: 'missing' },
  });
  expect(await contents(log)).toEqual(entries(1, 2));
  expect(await log.append(bytesOf('new'), 3)).toBe(3);
  expect(await contents(await openFileLog(folder))).toEqual([...entries(1, 2), [3, 'new']]);
});

test('many that are missing before a snapshot are one report, and nothing is lost', async () => {
  const folder = fresh();
  const log = await filled(folder, 8);
  await log.saveSnapshot(7, bytesOf('as of 7'));
  for (const position of [3, 4, 5]) unlinkSync(entryFile(folder, position));
  const other = await openFileLog(folder);
  await expect(other.read(0, 100)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  expect(await contents(other)).toEqual(entries(8));
});

test('who has read beyond a cut is stopped; who has not goes on', async () => {
  const folder = fresh();
  const writer = await filled(folder, 6);
  const [beyond, idle] = [await openFileLog(folder), await openFileLog(folder)];
  await beyond.read(0, 100);
  await idle.read(0, 2);
  writeFileSync(entryFile(folder, 4), 'gone');
  const finder = await openFileLog(folder);
  await finder.read(0, 100);
  await expect(finder.read(3, 100)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  for (const told of [writer, beyond]) {
    for (let twice = 0; twice < 2; twice += 1) {
      await expect(told.read(6, 100)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
      await expect(told.append(bytesOf('late'), 7)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
      await expect(told.saveSnapshot(6, bytesOf('late'))).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
      await expect(told.trim(6)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    }
  }
  expect(await contents(idle)).toEqual(entries(1, 2, 3));
  expect(await idle.append(bytesOf('new'), 4)).toBe(4);
  expect(await contents(await openFileLog(folder))).toEqual([...entries(1, 2, 3), [4, 'new']]);
});

test('eight that find the damage at once cut the log once', async () => {
  const folder = fresh();
  await (await filled(folder, 6)).close();
  writeFileSync(entryFile(folder, 1), 'gone');
  const openings = await Promise.all(Array.from({ length: 8 }, () => openFileLog(folder)));
  const reads = await Promise.allSettled(openings.map((log) => log.read(0, 100)));
  expect(reads.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  expect(filesIn(join(folder, 'marks'))).toEqual(['cut-1']);
  for (const log of openings) expect(await log.read(0, 100)).toEqual([]);
});

test('a log that was cut is cut again, before the first cut or after it', async () => {
  const folder = fresh();
  await (await filled(folder, 6)).close();
  for (const [position, kept] of [
    [4, 3],
    [6, 5],
    [2, 1],
  ] as const) {
    const log = await openFileLog(folder);
    const last = (await contents(log)).length;
    for (let at = last + 1; at <= 8; at += 1) await log.append(bytesOf(`entry ${at}`), at);
    const group = ['0000000000000', '0000000000000.1', '0000000000000.2'].find((each) =>
      filesIn(join(folder, 'log', each)).includes(String(position).padStart(16, '0')),
    );
    writeFileSync(join(folder, 'log', group ?? '', String(position).padStart(16, '0')), 'gone');
    const reader = await openFileLog(folder);
    await reader.read(0, 100);
    await expect(reader.read(kept, 100)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(await contents(await openFileLog(folder))).toHaveLength(kept);
  }
  expect(filesIn(join(folder, 'marks'))).toEqual(['cut-1', 'cut-2', 'cut-3']);
});

test('a cut counts at once, though who made it was killed before it moved what it cut off', async () => {
  const folder = fresh();
  await (await filled(folder, 6)).close();
  let kept: [number, string][] = entries(1, 2, 3, 4, 5, 6);
  for (const [index, position] of [4, 6, 2].entries()) {
    writeFileSync(join(folder, `marks/cut-${index + 1}`), `{"position":${position},"why":"damaged"}`);
    kept = kept.slice(0, position - 1);
    const log = await openFileLog(folder);
    expect(await contents(log)).toEqual(kept);
    for (let at = position; at <= 7; at += 1) {
      expect(await log.append(bytesOf(`cut ${index}: ${at}`), at)).toBe(at);
      kept.push([at, `cut ${index}: ${at}`]);
    }
    for (const each of [log, await openFileLog(folder)]) expect(await contents(each)).toEqual(kept);
  }
});

test('a damaged snapshot counts for nothing, and is replaced by the next of its position', async () => {
  const folder = fresh();
  const log = await filled(folder, 6);
  await log.saveSnapshot(3, bytesOf('as of 3'));
  for (const [kind, spoil] of Object.entries(damages)) {
    await log.saveSnapshot(5, bytesOf('as of 5'));
    expect([kind, (await log.loadSnapshot())?.position]).toEqual([kind, 5]);
    // The first of the snapshots is what `is that of another number` takes.
    writeFileSync(join(folder, 'snapshots/0000000000000001'), readFileSync(join(folder, 'snapshots/0000000000000003')));
    spoil(join(folder, 'snapshots/0000000000000005'));
    rmSync(join(folder, 'snapshots/0000000000000001'));
    const found = await log.loadSnapshot();
    expect([kind, found?.position, textOf(found?.bytes ?? bytesOf(''))]).toEqual([kind, 3, 'as of 3']);
  }
  await log.saveSnapshot(5, bytesOf('as of 5'));
  expect(textOf((await log.loadSnapshot())?.bytes ?? bytesOf(''))).toBe('as of 5');
  expect(filesIn(join(folder, 'quarantine'))).toHaveLength(Object.keys(damages).length);
});

test('trimming keeps two snapshots from which the log can go on', async () => {
  const folder = fresh();
  const log = await filled(folder, 9);
  for (const position of [2, 4, 6, 8]) await log.saveSnapshot(position, bytesOf(`as of ${position}`));
  writeFileSync(join(folder, 'snapshots/0000000000000008'), 'gone');
  await log.trim(3);
  expect(filesIn(join(folder, 'snapshots'))).toEqual(['0000000000000004', '0000000000000006']);
});

test.each(['', 'null', '{"position":"4"}', '[]'])('a mark that says %j stops everybody', async (content) => {
  const folder = fresh();
  await (await filled(folder, 2)).close();
  writeFileSync(join(folder, 'marks/cut-1'), content);
  await expect(openFileLog(folder).then((log) => log.read(0, 1))).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
});
