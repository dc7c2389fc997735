import fs, { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newEvent } from '@omniq/testkit/storage';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { FileEventStore, FileRecordStore, FileResultStore, openFileLog, openFolder } from '../src/index.ts';
import { failing } from './failing.ts';
import { freshFolders } from './folder.ts';
import { bytesOf, contents, entries, filesIn, filled } from './logs.ts';
import { onTmpfs } from './on-tmpfs.ts';

const fresh = freshFolders();

afterEach(() => vi.restoreAllMocks());

describe('a full disk', () => {
  test('takes no more, loses nothing, and goes on once there is room', async (context) => {
    const ran = await onTmpfs(fresh(), 'size=512k', async (folder) => {
      const ballast = join(folder, 'ballast');
      writeFileSync(ballast, Buffer.alloc(200_000));
      const log = await openFileLog(join(folder, 'store'));
      let head = 0;
      for (let failure: unknown = null; failure === null;) {
        failure = await log.append(bytesOf(`entry ${head + 1}`.padEnd(9_000)), head + 1).then(
          () => null,
          (error: unknown) => error,
        );
        if (failure === null) head += 1;
        else expect(failure).toMatchObject({ code: 'STORE_FULL' });
      }
      expect(head).toBeGreaterThan(10);
      expect(filesIn(join(folder, 'store/tmp'))).toEqual([]);
      await expect(log.append(bytesOf('x'.repeat(9_000)), head + 1)).rejects.toMatchObject({ code: 'STORE_FULL' });
      await expect(log.saveSnapshot(head, bytesOf('x'.repeat(99_000)))).rejects.toMatchObject({ code: 'STORE_FULL' });
      expect(await log.loadSnapshot()).toBeNull();
      expect(await contents(await openFileLog(join(folder, 'store')))).toHaveLength(head);
      rmSync(ballast);
      expect(await log.append(bytesOf('after all'), head + 1)).toBe(head + 1);
      expect((await contents(log, head)).map(([, text]) => text)).toEqual(['after all']);
    });
    if (!ran) context.skip('mounting is not permitted here');
  });

  test('can be trimmed while it is full', async (context) => {
    const ran = await onTmpfs(fresh(), 'size=256k', async (folder) => {
      const log = await openFileLog(join(folder, 'store'));
      let head = 0;
      while ((await log.append(new Uint8Array(9_000), head + 1).catch(() => null)) !== null) head += 1;
      await log.trim(head - 2);
      expect(await log.append(bytesOf('after all'), head + 1)).toBe(head + 1);
    });
    if (!ran) context.skip('mounting is not permitted here');
  });

  test('leaves the other stores as they were', async (context) => {
    const ran = await onTmpfs(fresh(), 'size=256k', async (folder) => {
      const disk = await openFolder(join(folder, 'store'));
      const [records, results, events] = [
        new FileRecordStore(disk),
        new FileResultStore(disk),
        new FileEventStore(disk),
      ];
      const tag = await records.put('a', bytesOf('kept'));
      await results.put([{ id: 'a', lease: 1, value: bytesOf('kept'), expiresAt: null }]);
      await events.append([newEvent({ id: 'kept', at: 1 })]);
      writeFileSync(join(folder, 'ballast'), '');
      while (!isFull(() => writeFileSync(join(folder, 'ballast'), Buffer.alloc(4_096), { flag: 'a' })));
      const large = new Uint8Array(20_000).fill(65);
      const many = Array.from({ length: 90 }, (_, n) => newEvent({ id: `e${n}`, at: 2, data: new Uint8Array(300) }));
      await expect(records.put('a', large)).rejects.toMatchObject({ code: 'STORE_FULL' });
      await expect(records.put('b', large)).rejects.toMatchObject({ code: 'STORE_FULL' });
      await expect(results.put([{ id: 'a', lease: 1, value: large, expiresAt: null }])).rejects.toMatchObject({
        code: 'STORE_FULL',
      });
      await expect(events.append(many)).rejects.toMatchObject({ code: 'STORE_FULL' });
      expect((await records.get('a'))?.tag).toBe(tag);
      expect(await records.list('', null, 9)).toEqual(['a']);
      expect(await results.get([{ id: 'a', lease: 1 }], 0)).toEqual([Buffer.from('kept')]);
      rmSync(join(folder, 'ballast'));
      await events.append(many);
      await events.append([newEvent({ id: 'last', at: 3 })]);
      const ids = (await events.query({ limit: 1_000 })).items.map(({ id }) => id);
      expect(ids).toEqual(['kept', ...many.map(({ id }) => id), 'last']);
      expect(await records.put('a', large, tag)).not.toBeNull();
    });
    if (!ran) context.skip('mounting is not permitted here');
  });

  function isFull(write: () => void): boolean {
    try {
      write();
      return false;
    } catch {
      return true;
    }
  }

  test('that takes only the first half of an entry has taken none', async () => {
    const folder = fresh();
    const log = await filled(folder, 2);
    const { writevSync } = fs;
    vi.spyOn(fs, 'writevSync').mockImplementationOnce((file, parts) => {
      const half = Buffer.concat(parts as Uint8Array[]);
      return writevSync(file, [half.subarray(0, half.length / 2)]);
    });
    vi.spyOn(fs, 'write').mockImplementationOnce(((...args: unknown[]) => {
      (args.at(-1) as (error: Error) => void)(failing('ENOSPC'));
    }) as typeof fs.write);
    await expect(log.append(bytesOf('entry 3'), 3)).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect(filesIn(join(folder, 'tmp'))).toEqual([]);
    expect(await contents(log)).toEqual(entries(1, 2));
    expect(await log.append(bytesOf('entry 3'), 3)).toBe(3);
    expect(await contents(await openFileLog(folder))).toEqual(entries(1, 2, 3));
  });

  test('a write that is cut short goes on where it stopped', async () => {
    const folder = fresh();
    const log = await filled(folder, 2);
    const { writevSync } = fs;
    vi.spyOn(fs, 'writevSync').mockImplementationOnce((file, parts) =>
      writevSync(file, [Buffer.concat(parts as Uint8Array[]).subarray(0, 7)]),
    );
    expect(await log.append(bytesOf('entry 3'), 3)).toBe(3);
    expect(await contents(await openFileLog(folder))).toEqual(entries(1, 2, 3));
  });
});
