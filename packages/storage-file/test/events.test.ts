import fs, { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newEvent } from '@omniq/testkit/storage';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { FileEventStore, openFolder } from '../src/index.ts';
import { freshFolders } from './folder.ts';
import { filesIn } from './logs.ts';

const fresh = freshFolders();
const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

afterEach(() => vi.restoreAllMocks());

describe('events', () => {
  test('lie in a file for each hour, one a line, for every tool to read', async () => {
    const folder = fresh();
    const events = new FileEventStore(await openFolder(folder));
    const at = Date.UTC(2026, 10, 23, 14, 5);
    await events.append([newEvent({ id: 'a', at, data: Uint8Array.of(1, 2) }), newEvent({ id: 'b', at: at + HOUR })]);
    expect(filesIn(join(folder, 'events'))).toEqual(['2026-11-23/14.ndjson', '2026-11-23/15.ndjson']);
    const lines = readFileSync(join(folder, 'events/2026-11-23/14.ndjson'), 'utf8').split('\n');
    expect(lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { id: 'a', at, data: 'AQI=' },
    ]);
  });

  test('a line that was cut short, or is none of ours, hides no other', async () => {
    const folder = fresh();
    const events = new FileEventStore(await openFolder(folder));
    await events.append([newEvent({ id: 'a', at: NOW })]);
    const [file = ''] = filesIn(join(folder, 'events'));
    const lines = [
      '{"id":"torn","at":18000',
      'null',
      '[]',
      '7',
      '{"id":1,"at":1}',
      '{"__proto__":{"id":"x"}}',
      '{"id":"b"',
    ];
    appendFileSync(join(folder, 'events', file), lines.join('\n'));
    await events.append([newEvent({ id: 'c', at: NOW })]);
    expect((await events.query({ limit: 9 })).items.map(({ id }) => id)).toEqual(['a', 'c']);
  });

  test('a write that was cut short is made again, and what came through counts once', async () => {
    const events = new FileEventStore(await openFolder(fresh()));
    const { writeSync } = fs;
    vi.spyOn(fs, 'writeSync').mockImplementationOnce(((file: number, bytes: Uint8Array) =>
      writeSync(file, bytes.subarray(0, bytes.length - 20))) as typeof fs.writeSync);
    await events.append(['a', 'b', 'c'].map((id) => newEvent({ id, at: NOW })));
    expect((await events.query({ limit: 9 })).items.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  test('a query reads only the hours that it asks for', async () => {
    const events = new FileEventStore(await openFolder(fresh(), { durability: 'none' }));
    await events.append(Array.from({ length: 100 }, (_, n) => newEvent({ id: `e${n}`, at: NOW + n * HOUR })));
    const opened = vi.spyOn(fs.promises, 'open');
    const { items } = await events.query({ since: NOW + 7 * HOUR, until: NOW + 9 * HOUR, limit: 9 });
    expect(items.map(({ id }) => id)).toEqual(['e7', 'e8']);
    expect(opened.mock.calls.length).toBeLessThanOrEqual(3);
  });

  test('files go as a whole once all that is in them is trimmed', async () => {
    const folder = fresh();
    const events = new FileEventStore(await openFolder(folder, { durability: 'none' }));
    const days = Array.from({ length: 60 }, (_, n) => newEvent({ id: `e${n}`, at: NOW + n * HOUR }));
    await events.append(days);
    expect(await events.trim(NOW + 50 * HOUR, 30)).toBe(30);
    expect(await events.trim(NOW + 50 * HOUR, 30)).toBe(20);
    expect(await events.trim(NOW + 50 * HOUR, 30)).toBe(0);
    expect(filesIn(join(folder, 'events')).filter((file) => file.endsWith('.ndjson'))).toHaveLength(10);
    expect((await events.query({ limit: 99 })).items.map(({ id }) => id)).toEqual(days.slice(50).map(({ id }) => id));
    await events.append([newEvent({ id: 'late', at: NOW })]);
    expect((await events.query({ limit: 1 })).items[0]?.id).toBe('e50');
  });

  test('lines longer than a chunk, and characters across its edge, come back', async () => {
    const events = new FileEventStore(await openFolder(fresh()));
    const names = ['\u4f60'.repeat(400_000), `a${'\u4f60'.repeat(400_000)}`, `ab${'\u4f60'.repeat(400_000)}`];
    await events.append(names.map((name, n) => newEvent({ id: String(n), at: NOW, name })));
    expect((await events.query({ limit: 9 })).items.map(({ name }) => name)).toEqual(names);
  });
});
