import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scanFolder } from '../src/scan.ts';
import { tempFolder } from './temp-folder.ts';

test('lists files at any depth by their path, in the order of code units', async () => {
  const folder = tempFolder({ 'b.txt': '', 'a/z.txt': '', 'a-b.txt': '', 'a/deep/er/x': '' });
  mkdirSync(join(folder, 'empty'));
  expect(await scanFolder(folder, undefined)).toEqual({
    files: ['a-b.txt', 'a/deep/er/x', 'a/z.txt', 'b.txt'],
    unreadable: [],
  });
});

test('carries names with line breaks, tabs, quotes and any script', async () => {
  const names = ['line\nbreak', 'tab\there', '"quotes"', 'ключ-鍵-🔑', ' leading', '-rf', '#x'].toSorted();
  const folder = tempFolder(Object.fromEntries(names.map((name) => [name, 'x'])));
  expect((await scanFolder(folder, undefined)).files).toEqual(names);
});

test('follows no symbolic link: neither a loop, nor a way out, nor a second way to a file', async () => {
  const folder = tempFolder({ 'sub/file.txt': 'x' });
  symlinkSync('..', join(folder, 'sub/loop'));
  symlinkSync('/etc', join(folder, 'out'));
  symlinkSync('sub/file.txt', join(folder, 'again.txt'));
  symlinkSync('nowhere', join(folder, 'dangling'));
  expect((await scanFolder(folder, undefined)).files).toEqual(['sub/file.txt']);
});

test('leaves out the database of the queue and the files beside it, and nothing else', async () => {
  const folder = tempFolder();
  const names = ['q.db', 'q.db-wal', 'q.db-shm', 'q.db.lock', 'q.db2', 'aq.db', 'q.dbx'];
  for (const name of names) writeFileSync(join(folder, name), '');
  expect((await scanFolder(folder, join(folder, 'q.db'))).files).toEqual(['aq.db', 'q.db2', 'q.dbx']);
});

test('a folder that cannot be listed is told, not fatal; the scanned folder itself is', async () => {
  // A name that is no UTF-8 cannot be asked for again, whoever asks.
  const folder = tempFolder({ 'good.txt': 'x' });
  mkdirSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x62, 0xff, 0x64])]));
  const { files, unreadable } = await scanFolder(folder, undefined);
  expect(files).toEqual(['good.txt']);
  expect(unreadable).toEqual([['b\uFFFDd', 'ENOENT']]);
  await expect(scanFolder(join(folder, 'missing'), undefined)).rejects.toThrow('ENOENT');
});

test('stops when its signal aborts', async () => {
  await expect(scanFolder(tempFolder(), undefined, AbortSignal.abort(new Error('told to')))).rejects.toThrow('told to');
});
