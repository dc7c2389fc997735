import { randomUUID } from 'node:crypto';
import fs, { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { FileRecordStore, openFolder } from '../src/index.ts';
import { freshFolders } from './folder.ts';
import { bytesOf, damages, filesIn, textOf } from './logs.ts';
import { sleepThrough } from './sleep-through.ts';

const fresh = freshFolders();

afterEach(() => vi.restoreAllMocks());

describe('records', () => {
  test.each(Object.keys(damages))('whose file %s are reported', async (kind) => {
    const folder = fresh();
    const records = new FileRecordStore(await openFolder(folder));
    await records.put('a', bytesOf('some value'));
    const value = filesIn(join(folder, 'records')).find((file) => file.endsWith('.value')) as string;
    const file = join(folder, 'records', value);
    writeFileSync(`${file.slice(0, -1)}1`, 'another file');
    damages[kind]?.(file);
    await expect(records.get('a')).rejects.toMatchObject({ code: 'STORE_CORRUPT', details: { file } });
    expect(await records.put('a', bytesOf('new'))).not.toBeNull();
    expect(textOf((await records.get('a'))?.value ?? bytesOf(''))).toBe('new');
  });

  test('that lost their value, or have that of another key, are reported', async () => {
    const folder = fresh();
    const records = new FileRecordStore(await openFolder(folder));
    const [tag, other] = [await records.put('a', bytesOf('A')), await records.put('b', bytesOf('B'))];
    const [file, another] = [join(folder, `records/k-a/${tag}.value`), join(folder, `records/k-b/${other}.value`)];
    writeFileSync(file, readFileSync(another));
    await expect(records.get('a')).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    fs.unlinkSync(file);
    await expect(records.get('a')).rejects.toMatchObject({ code: 'STORE_CORRUPT', details: { fault: 'missing' } });
  });

  test('that are deleted leave nothing behind, and no file of an old value stays', async () => {
    const folder = fresh();
    const records = new FileRecordStore(await openFolder(folder));
    for (let n = 0; n < 5; n += 1) await records.put('a', bytesOf(String(n)));
    expect(filesIn(join(folder, 'records'))).toHaveLength(2);
    await records.delete('a');
    expect(fs.readdirSync(join(folder, 'records'))).toEqual([]);
    expect(filesIn(join(folder, 'tmp'))).toEqual([]);
  });

  test.each(['replace', 'delete', 'delete and make anew'])(
    'a writer that slept over a %s is refused',
    async (change) => {
      const folder = fresh();
      const disk = await openFolder(folder);
      const [sleeper, other] = [new FileRecordStore(disk), new FileRecordStore(await openFolder(folder))];
      const tag = await sleeper.put('a', bytesOf('first'));
      sleepThrough(async () => {
        if (change === 'replace') await other.put('a', bytesOf('second'));
        else await other.delete('a');
        if (change === 'delete and make anew') await other.put('a', bytesOf('third'), null);
      });
      expect(await sleeper.put('a', bytesOf('late'), tag)).toBeNull();
      const found = await other.get('a');
      const expected = { replace: 'second', delete: undefined, 'delete and make anew': 'third' }[change];
      expect(found === undefined ? undefined : textOf(found.value)).toBe(expected);
      expect(filesIn(join(folder, 'records'))).toHaveLength(expected === undefined ? 0 : 2);
    },
  );

  test('a kill in the midst of a delete, or before its value counted, locks nobody out', async () => {
    const folder = fresh();
    const records = new FileRecordStore(await openFolder(folder));
    const tag = await records.put('gone', bytesOf('x'));
    fs.renameSync(join(folder, `records/k-gone/head-${tag}`), join(folder, `records/k-gone/gone-${randomUUID()}`));
    fs.mkdirSync(join(folder, 'records/k-bare'));
    writeFileSync(join(folder, `records/k-bare/${randomUUID()}.value`), 'stray');
    fs.mkdirSync(join(folder, 'records/k-empty'));
    for (const key of ['gone', 'bare', 'empty']) {
      const before = [await records.get(key), await records.delete(key), await records.list(key, null, 9)];
      expect([key, ...before]).toEqual([key, undefined, false, []]);
      expect(await records.put(key, bytesOf('new'), 'no tag')).toBeNull();
      expect(await records.put(key, bytesOf('new'), null)).not.toBeNull();
      expect(textOf((await records.get(key))?.value ?? bytesOf(''))).toBe('new');
    }
  });

  test('who clears away what was deleted spares what was made anew meanwhile', async () => {
    const folder = fresh();
    const records = new FileRecordStore(await openFolder(folder));
    const [place, aside] = [join(folder, 'records/k-a'), join(folder, 'aside')];
    await records.put('a', bytesOf('made anew'));
    fs.cpSync(place, aside, { recursive: true });
    await records.put('a', bytesOf('deleted'));
    const { unlinkSync } = fs;
    vi.spyOn(fs, 'unlinkSync').mockImplementation((path) => {
      unlinkSync(path);
      if (!String(path).includes('gone-')) return;
      fs.rmSync(place, { recursive: true });
      fs.cpSync(aside, place, { recursive: true });
    });
    expect(await records.delete('a')).toBe(true);
    expect(textOf((await records.get('a'))?.value ?? bytesOf(''))).toBe('made anew');
  });

  test('values of killed writers go with a later change, once they are old', async () => {
    const folder = fresh();
    const records = new FileRecordStore(await openFolder(folder));
    await records.put('a', bytesOf('1'));
    const [old, young] = [randomUUID(), randomUUID()].map((name) => join(folder, `records/k-a/${name}.value`)) as [
      string,
      string,
    ];
    for (const file of [old, young]) writeFileSync(file, 'stray');
    utimesSync(old, 1, 1);
    await records.put('a', bytesOf('2'));
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
    expect(textOf((await records.get('a'))?.value ?? bytesOf(''))).toBe('2');
  });
});
