import fs, { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { openFileLog } from '../src/index.ts';
import { freshFolders } from './folder.ts';
import { sleepThrough } from './sleep-through.ts';
import { bytesOf, contents, entries, entryFile, filesIn, filled, textOf } from './logs.ts';

const fresh = freshFolders();

afterEach(() => vi.restoreAllMocks());

test.each([1_500, 5_000])('an entry made anew after a trim to %i is none, and nobody reads it', async (floor) => {
  const folder = fresh();
  const sleeper = await openFileLog(folder);
  const others = await openFileLog(folder, { durability: 'none' });
  const reader = await openFileLog(folder);
  sleepThrough(async () => {
    for (let at = 1; at <= floor; at += 1) await others.append(bytesOf(`entry ${at}`), at);
    await others.saveSnapshot(floor, bytesOf('all'));
    await others.trim(floor);
    expect(existsSync(entryFile(folder, 1))).toBe(false);
  });
  expect(await sleeper.append(bytesOf('ghost'), 1)).toBeNull();
  for (const log of [sleeper, reader, await openFileLog(folder)]) {
    expect(await contents(log)).toEqual(entries(floor));
  }
  expect(filesIn(join(folder, 'log'))).toHaveLength(1);
});

test('a ghost whose maker is killed at it is read by nobody, and goes with the next trim', async () => {
  const folder = fresh();
  const log = await filled(folder, 10);
  await log.saveSnapshot(10, bytesOf('all'));
  await log.trim(5);
  writeFileSync(entryFile(folder, 2), fs.readFileSync(entryFile(folder, 6)));
  const fresher = await openFileLog(folder);
  expect(await contents(fresher)).toEqual(entries(5, 6, 7, 8, 9, 10));
  expect(await contents(fresher, 1)).toEqual(entries(5, 6, 7, 8, 9, 10));
  await fresher.trim(6);
  expect(existsSync(entryFile(folder, 2))).toBe(false);
});

test('an entry that lands behind a cut is not acknowledged, and nobody reads it', async () => {
  const folder = fresh();
  await (await filled(folder, 4)).close();
  const [sleeper, other] = [await openFileLog(folder), await openFileLog(folder)];
  await other.read(0, 1);
  sleepThrough(async () => {
    writeFileSync(entryFile(folder, 2), 'gone');
    await expect(other.read(1, 100)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
  await expect(sleeper.append(bytesOf('late'), 5)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  expect(await other.append(bytesOf('new'), 2)).toBe(2);
  expect(await contents(await openFileLog(folder))).toEqual([...entries(1), [2, 'new']]);
});

test('a snapshot of what was cut off meanwhile counts for nothing', async () => {
  const folder = fresh();
  await (await filled(folder, 4)).close();
  const [sleeper, other] = [await openFileLog(folder), await openFileLog(folder)];
  await other.read(0, 1);
  sleepThrough(async () => {
    writeFileSync(entryFile(folder, 2), 'gone');
    await expect(other.read(1, 100)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
  await sleeper.saveSnapshot(4, bytesOf('as it was'));
  expect(await other.loadSnapshot()).toBeNull();
  for (const at of [2, 3, 4]) await other.append(bytesOf(`new ${at}`), at);
  await other.saveSnapshot(4, bytesOf('as it is'));
  const found = await (await openFileLog(folder)).loadSnapshot();
  expect([found?.position, textOf(found?.bytes ?? bytesOf(''))]).toEqual([4, 'as it is']);
});

test('who found damage and slept until it was trimmed away cuts nothing', async () => {
  const folder = fresh();
  const writer = await filled(folder, 8);
  const reader = await openFileLog(folder);
  await reader.read(0, 3);
  writeFileSync(entryFile(folder, 4), 'gone');
  sleepThrough(async () => {
    await writer.saveSnapshot(8, bytesOf('all'));
    await writer.trim(7);
  });
  expect((await reader.read(3, 100)).map(({ position }) => position)).toEqual([7, 8]);
  for (const log of [writer, reader, await openFileLog(folder)]) expect(await contents(log)).toEqual(entries(7, 8));
  expect(await writer.append(bytesOf('entry 9'), 9)).toBe(9);
});

test('a reader whose entries are trimmed while it reads gets what follows, from one number on', async () => {
  const folder = fresh();
  const writer = await filled(folder, 20);
  await writer.saveSnapshot(20, bytesOf('all'));
  const reader = await openFileLog(folder);
  await reader.read(0, 1);
  let opened = 0;
  const { openSync } = fs;
  vi.spyOn(fs, 'openSync').mockImplementation((path, flags, mode) => {
    opened += 1;
    // The reader is at entry 8: those before 13 go, as a trim of another process removes them.
    if (opened === 8) {
      writeFileSync(join(folder, 'marks/floor-0000000000000013'), '');
      for (let at = 1; at < 13; at += 1) fs.unlinkSync(entryFile(folder, at));
    }
    return openSync(path, flags, mode);
  });
  expect((await reader.read(0, 100)).map(({ position }) => position)).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
});

test('a floor that was seen holds, even if a listing misses its mark', async () => {
  const folder = fresh();
  const log = await filled(folder, 8);
  await log.saveSnapshot(8, bytesOf('all'));
  await log.trim(5);
  fs.unlinkSync(join(folder, 'marks/floor-0000000000000005'));
  expect(await contents(log)).toEqual(entries(5, 6, 7, 8));
});

test('what a killed writer left in tmp/ goes at the next opening, once it is old; what is young stays', async () => {
  const folder = fresh();
  await (await filled(folder, 1)).close();
  for (const name of ['old', 'young']) writeFileSync(join(folder, 'tmp', name), name);
  const hourAgo = Date.now() / 1_000 - 3_600;
  utimesSync(join(folder, 'tmp/old'), hourAgo, hourAgo);
  await openFileLog(folder);
  expect(filesIn(join(folder, 'tmp'))).toEqual(['young']);
});

test('a writer whose file was swept as it slept is told that nothing was appended', async () => {
  const folder = fresh();
  const log = await filled(folder, 1);
  await log.close();
  const sleeper = await openFileLog(folder);
  sleepThrough(async () => {
    for (const name of filesIn(join(folder, 'tmp'))) fs.unlinkSync(join(folder, 'tmp', name));
  });
  await expect(sleeper.append(bytesOf('late'), 2)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  expect(await sleeper.append(bytesOf('entry 2'), 2)).toBe(2);
  expect(await contents(await openFileLog(folder))).toEqual(entries(1, 2));
});
