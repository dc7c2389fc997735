import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { SharedLog } from '@omniq/core/storage';
import { openFileLog, type FileLog } from '../src/index.ts';

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A log of entries `one`, `two` and so on, without flushes. */
export async function filled(folder: string, count: number): Promise<FileLog> {
  const log = await openFileLog(folder, { durability: 'none' });
  for (let at = 1; at <= count; at += 1) await log.append(bytesOf(`entry ${at}`), at);
  return log;
}

/** What a log gives, page by page to its end. */
export async function contents(log: SharedLog, after = 0): Promise<[number, string][]> {
  const found: [number, string][] = [];
  for (let position = after; ;) {
    const entries = await log.read(position, 1_000);
    if (entries.length === 0) return found;
    found.push(...entries.map((entry): [number, string] => [entry.position, textOf(entry.bytes)]));
    position = entries.at(-1)?.position ?? 0;
  }
}

export function entries(...positions: readonly number[]): [number, string][] {
  return positions.map((position) => [position, `entry ${position}`]);
}

export function entryFile(folder: string, position: number): string {
  const digits = String(position).padStart(16, '0');
  return join(folder, 'log', digits.slice(0, 13), digits);
}

/** All files below a folder, by their path within it. */
export function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(folder.length + 1))
    .sort();
}

/** Ways in which a disk or a person may spoil a file. */
export const damages: Readonly<Record<string, (file: string) => void>> = {
  'is empty': (file) => truncateSync(file, 0),
  'ends within its head': (file) => truncateSync(file, 9),
  'ends within its content': (file) => truncateSync(file, readFileSync(file).length - 1),
  'has one byte more': (file) => writeFileSync(file, '!', { flag: 'a' }),
  'has its length and no bytes': (file) => writeFileSync(file, Buffer.alloc(readFileSync(file).length)),
  'has a flipped bit in its content': (file) => flip(file, 26),
  'has a flipped bit in its checksum': (file) => flip(file, 5),
  'has a flipped bit in its length': (file) => flip(file, 8),
  'has a flipped bit in its number': (file) => flip(file, 16),
  'is that of another number': (file) => writeFileSync(file, readFileSync(`${file.slice(0, -1)}1`)),
  'is no entry at all': (file) => writeFileSync(file, '{"an": "editor was here, and wrote more than a head"}'),
  'is larger than any entry': (file) => truncateSync(file, 40_000_000),
};

function flip(file: string, at: number): void {
  const byte = (readFileSync(file)[at] ?? 0) ^ 1;
  const handle = openSync(file, 'r+');
  writeSync(handle, Uint8Array.of(byte), 0, 1, at);
  closeSync(handle);
}
