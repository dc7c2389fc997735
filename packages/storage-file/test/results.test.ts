import fs, { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { FileResultStore, openFolder } from '../src/index.ts';
import { freshFolders } from './folder.ts';
import { bytesOf, damages, filesIn, textOf } from './logs.ts';

const fresh = freshFolders();
const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

afterEach(() => vi.restoreAllMocks());

describe('results', () => {
  test('a sweep reads no result, and looks at none that is not due', async () => {
    const folder = fresh();
    const results = new FileResultStore(await openFolder(folder, { durability: 'none' }));
    const due = Array.from({ length: 20 }, (_, n) => ({
      id: `d${n}`,
      lease: 1,
      value: bytesOf('x'),
      expiresAt: NOW + n,
    }));
    const later = Array.from({ length: 300 }, (_, n) => ({
      ...due[0],
      id: `l${n}`,
      lease: 1,
      value: bytesOf('x'),
      expiresAt: NOW + HOUR,
    }));
    await results.put([...due, ...later]);
    const reads = vi.spyOn(fs, 'readSync');
    const lists = vi.spyOn(fs, 'readdirSync');
    expect(await results.sweep(NOW + 100, 1_000)).toBe(20);
    expect(reads).not.toHaveBeenCalled();
    expect(lists.mock.calls.length).toBeLessThan(80);
    expect(filesIn(join(folder, 'results/expiry'))).toHaveLength(300);
    expect(await results.sweep(NOW + HOUR, 1_000)).toBe(300);
    expect(filesIn(join(folder, 'results'))).toEqual([]);
  });

  test('one that replaces an expiring one is not swept with it, whenever it comes', async () => {
    const folder = fresh();
    const results = new FileResultStore(await openFolder(folder));
    const result = { id: 'a', lease: 1, value: bytesOf('old'), expiresAt: NOW };
    await results.put([result]);
    await results.put([{ ...result, value: bytesOf('new'), expiresAt: NOW + 10 }]);
    expect(await results.sweep(NOW + 5, 9)).toBe(0);
    expect(textOf((await results.get([result], NOW + 5))[0] ?? bytesOf(''))).toBe('new');
    expect(await results.sweep(NOW + 10, 9)).toBe(1);
    expect(filesIn(join(folder, 'results'))).toEqual([]);
  });

  test('a replacement whose writer was killed before it cleared the old one counts, and expires for both', async () => {
    const folder = fresh();
    const results = new FileResultStore(await openFolder(folder));
    const result = { id: 'a', lease: 1, value: bytesOf('old'), expiresAt: null };
    await results.put([result]);
    const [old = ''] = filesIn(join(folder, 'results'));
    const kept = readFileSync(join(folder, 'results', old));
    await results.put([{ ...result, value: bytesOf('new'), expiresAt: NOW }]);
    writeFileSync(join(folder, 'results', old), kept);
    expect(textOf((await results.get([result], 0))[0] ?? bytesOf(''))).toBe('new');
    expect(await results.get([result], NOW)).toEqual([undefined]);
    expect(await results.sweep(NOW, 9)).toBe(1);
    expect(await results.get([result], NOW)).toEqual([undefined]);
  });

  test('a sweep finds the result of a writer that was killed as soon as it counted', async () => {
    const results = new FileResultStore(await openFolder(fresh()));
    const { existsSync } = fs;
    const looking = vi.spyOn(fs, 'existsSync').mockImplementation((path) => {
      if (String(path).includes('expiry')) throw new Error('killed');
      return existsSync(path);
    });
    const result = { id: 'a', lease: 1, value: bytesOf('x'), expiresAt: NOW };
    await expect(results.put([result])).rejects.toThrow('unknown');
    looking.mockRestore();
    expect(await results.get([result], 0)).toEqual([Buffer.from('x')]);
    expect(await results.sweep(NOW, 9)).toBe(1);
  });

  test('a sweep finds the result that came as another sweep cleared its mark', async () => {
    const folder = fresh();
    const results = new FileResultStore(await openFolder(folder));
    const { linkSync } = fs;
    vi.spyOn(fs, 'linkSync').mockImplementationOnce((from, to) => {
      for (const mark of filesIn(join(folder, 'results/expiry'))) fs.unlinkSync(join(folder, 'results/expiry', mark));
      linkSync(from, to);
    });
    await results.put([{ id: 'a', lease: 1, value: bytesOf('x'), expiresAt: NOW }]);
    expect(await results.sweep(NOW, 9)).toBe(1);
  });

  test.each(Object.keys(damages))('a file that %s is reported', async (kind) => {
    const folder = fresh();
    const results = new FileResultStore(await openFolder(folder));
    const result = { id: 'a', lease: 7, value: bytesOf('some value'), expiresAt: null };
    await results.put([result]);
    const file = join(folder, 'results', filesIn(join(folder, 'results'))[0] ?? '');
    writeFileSync(`${file.slice(0, -1)}1`, 'another file');
    damages[kind]?.(file);
    await expect(results.get([result], 0)).rejects.toMatchObject({ code: 'STORE_CORRUPT', details: { file } });
    await results.put([{ ...result, value: bytesOf('again') }]);
    expect(textOf((await results.get([result], 0))[0] ?? bytesOf(''))).toBe('again');
  });
});
