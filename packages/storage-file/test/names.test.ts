import { basename, dirname, resolve } from 'node:path';
import { newEvent } from '@omniq/testkit/storage';
import { describe, expect, test } from 'vitest';
import { FileEventStore, FileRecordStore, FileResultStore, openFolder } from '../src/index.ts';
import { keyBytesOf, nameOf } from '../src/key-name.ts';
import { freshFolders } from './folder.ts';
import { bytesOf, filesIn, textOf } from './logs.ts';

const fresh = freshFolders();
const NOW = 1_800_000_000_000;

const hostile = [
  '../../x',
  '..',
  '.',
  '',
  '/etc/passwd',
  'C:\\x',
  'a/b',
  'n\u0000',
  'n',
  'CON',
  'con',
  'nul.txt',
  'A',
  'a',
  'a.',
  'a ',
  '\u00e9',
  'e\u0301',
  'k-a',
  '_2e',
  '.2e',
  'x'.repeat(180),
  'x'.repeat(181),
  `${'x'.repeat(511)}a`,
  `${'x'.repeat(511)}A`,
  '\u4f60'.repeat(340),
];

describe('names', () => {
  test('of keys differ however a file system takes them, and are nothing but names', () => {
    const names = hostile.map(nameOf);
    expect(new Set(names.map((name) => name.toLowerCase().normalize('NFC'))).size).toBe(hostile.length);
    for (const name of names) expect(name).toMatch(/^[kh]-[a-z0-9_-]{0,180}$/);
  });

  test('of keys tell the key, unless they are too long', () => {
    for (const key of hostile) {
      const name = nameOf(key);
      expect(keyBytesOf(name)?.toString() ?? null).toBe(name.startsWith('k-') ? key : null);
    }
  });

  test('of keys with half a surrogate are refused', () => {
    expect(() => nameOf('\ud800')).toThrow(expect.objectContaining({ code: 'INVALID_NAME' }));
  });

  test('never lead out of the folder', async () => {
    const folder = fresh();
    const disk = await openFolder(folder);
    const [records, results, events] = [new FileRecordStore(disk), new FileResultStore(disk), new FileEventStore(disk)];
    const outside = filesIn(dirname(folder)).filter((file) => !file.startsWith(basename(folder)));
    for (const key of hostile) {
      await records.put(key, bytesOf(key));
      await results.put([{ id: key, lease: 1, value: bytesOf(key), expiresAt: NOW }]);
      await events.append([newEvent({ id: key, at: NOW, type: key, task: key, queue: key })]);
    }
    for (const key of hostile) {
      expect(textOf((await records.get(key))?.value ?? bytesOf('none'))).toBe(key);
      expect(textOf((await results.get([{ id: key, lease: 1 }], 0))[0] ?? bytesOf('none'))).toBe(key);
      expect((await events.query({ task: key, limit: 9 })).items).toHaveLength(1);
    }
    const sorted = hostile.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(await records.list('', null, 1_000)).toEqual(sorted);
    expect(filesIn(dirname(folder)).filter((file) => !file.startsWith(basename(folder)))).toEqual(outside);
    expect(filesIn(folder).every((file) => resolve(folder, file).startsWith(`${folder}/`))).toBe(true);
  });
});
