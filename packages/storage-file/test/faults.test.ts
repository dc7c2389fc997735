import fs, { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openFileLog } from '../src/index.ts';
import { failing } from './failing.ts';
import { freshFolders } from './folder.ts';
import { bytesOf, contents, entries, filesIn, filled } from './logs.ts';
import { onTmpfs } from './on-tmpfs.ts';

const fresh = freshFolders();

afterEach(() => vi.restoreAllMocks());

describe('a disk that fails', () => {
  test('at the flush of an entry: it is none, and its file is gone', async () => {
    const folder = fresh();
    const log = await openFileLog(folder);
    vi.spyOn(fs, 'fdatasync').mockImplementationOnce((_file, done) => done(failing('EIO')));
    await expect(log.append(bytesOf('entry 1'), 1)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(filesIn(join(folder, 'tmp'))).toEqual([]);
    expect(await contents(log)).toEqual([]);
  });

  test('at the flush of its name: it is not acknowledged, and a read tells what came of it', async () => {
    const log = await openFileLog(fresh());
    vi.spyOn(fs, 'fsync').mockImplementationOnce((_file, done) => done(failing('EIO')));
    await expect(log.append(bytesOf('entry 1'), 1)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(await contents(log)).toEqual(entries(1));
    expect(await log.append(bytesOf('entry 1'), 1)).toBeNull();
  });

  test('at a read: nothing is taken for damaged', async () => {
    const folder = fresh();
    const log = await filled(folder, 3);
    await log.read(0, 1);
    vi.spyOn(fs, 'readSync').mockImplementationOnce(() => {
      throw failing('EIO');
    });
    await expect(log.read(0, 10)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(await contents(log)).toEqual(entries(1, 2, 3));
    expect(filesIn(join(folder, 'quarantine'))).toEqual([]);
  });
});

describe('what an acknowledged entry has been through', () => {
  test('its bytes, its name, and at the first of a folder all names before it', async () => {
    const folder = fresh();
    const log = await filled(folder, 998);
    await log.close();
    const flushes: string[] = [];
    const opened = new Map<number, string>();
    const { openSync, fsync, fdatasync, linkSync } = fs;
    vi.spyOn(fs, 'openSync').mockImplementation((path, flags, mode) => {
      const file = openSync(path, flags, mode);
      opened.set(file, String(path).slice(folder.length + 1));
      return file;
    });
    vi.spyOn(fs, 'fsync').mockImplementation((file, done) => {
      flushes.push(`folder ${opened.get(file) ?? ''}`);
      fsync(file, done);
    });
    vi.spyOn(fs, 'fdatasync').mockImplementation((file, done) => {
      flushes.push(`data of ${dirname(opened.get(file) ?? '')}`);
      fdatasync(file, done);
    });
    vi.spyOn(fs, 'linkSync').mockImplementation((from, to) => {
      flushes.push('link');
      linkSync(from, to);
    });
    const full = await openFileLog(folder);
    const [old, next] = ['log/0000000000000', 'log/0000000000001'];
    const made = ['data of tmp', 'link'];
    const steps: [number, string[]][] = [
      [999, [...made, `folder ${old}`, 'folder log']],
      [1_000, [...made, `folder ${old}`, `folder ${next}`, 'folder log']],
      [1_001, [...made, `folder ${next}`]],
    ];
    for (const [at, expected] of steps) {
      flushes.length = 0;
      await full.append(bytesOf('entry'), at);
      const links = flushes.lastIndexOf('link');
      // The folder of a thousand is made when the link finds it missing.
      const told = flushes.filter((each, index) => each !== 'link' || index === links);
      expect([...told.slice(0, 2), ...told.slice(2).sort()], `at ${at}`).toEqual([
        ...expected.slice(0, 2),
        ...expected.slice(2).sort(),
      ]);
    }
  });

  test('nothing, without durability', async () => {
    const fsync = vi.spyOn(fs, 'fsync');
    const fdatasync = vi.spyOn(fs, 'fdatasync');
    await filled(fresh(), 3);
    expect([fsync, fdatasync].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
  });
});

describe('a folder is refused', () => {
  test.each(['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP', 'EMLINK'])('where link says %s', async (code) => {
    const folder = fresh();
    vi.spyOn(fs, 'linkSync').mockImplementation(() => {
      throw failing(code);
    });
    const opening = openFileLog(folder);
    await expect(opening).rejects.toMatchObject({ code: 'UNSUPPORTED', details: { folder } });
    await expect(opening).rejects.toThrow(/hard links.*Name a folder on a local disk/);
    expect(filesIn(folder)).toEqual([]);
  });

  test('where a link replaces what is there', async () => {
    vi.spyOn(fs, 'linkSync').mockImplementation((from, to) => writeFileSync(to, readFileSync(from)));
    await expect(openFileLog(fresh())).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  test('where it may not be written', async () => {
    const folder = fresh();
    mkdirSync(folder);
    chmodSync(folder, 0o555);
    if (process.getuid?.() === 0)
      vi.spyOn(fs, 'mkdirSync')
        .mockImplementationOnce(() => undefined)
        .mockImplementation(() => {
          throw failing('EACCES');
        });
    const opening = openFileLog(folder);
    await expect(opening).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', details: { folder } });
    await expect(opening).rejects.toThrow(/cannot be written.*rights/);
  });

  test('on a file system that is mounted read-only', async (context) => {
    const ran = await onTmpfs(fresh(), 'ro', async (folder) => {
      await expect(openFileLog(folder)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', details: { folder } });
    });
    if (!ran) context.skip('mounting is not permitted here');
  });

  test('where the one that it should lie in is missing, or a file has its name', async () => {
    const folder = fresh();
    await expect(openFileLog(join(folder, 'deeper'))).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    writeFileSync(folder, 'a file');
    await expect(openFileLog(folder)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  });

  test.each([
    ['{"format":"omniq-file","version":2}', 'STORE_VERSION'],
    ['{"format":"other","version":1}', 'STORE_CORRUPT'],
    ['', 'STORE_CORRUPT'],
    ['null', 'STORE_CORRUPT'],
  ])('whose format says %j', async (format, code) => {
    const folder = fresh();
    mkdirSync(folder);
    writeFileSync(join(folder, 'format.json'), format);
    await expect(openFileLog(folder)).rejects.toMatchObject({ code });
  });
});
