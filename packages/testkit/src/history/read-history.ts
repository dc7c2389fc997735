import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { History, Line } from './history.ts';
import type { HistoryRecord } from './record.ts';

/** No recorder writes a longer line: what has none is no history. */
const MAX_LINE = 64 * 1024 * 1024;

const ops: ReadonlySet<unknown> = new Set([
  'process',
  'store',
  'start',
  'enqueue',
  'claim',
  'settle',
  'cancel',
  'redrive',
  'expire',
  'edit',
  'configure',
  'fire',
  'remove',
  'end',
]);

/**
 * Reads all `.ndjson` files of a folder, one per process. A last line without an end is left out, as its process was
 * killed while it wrote.
 * @throws Error that names file and line where a line is whole and no record
 */
export async function readHistory(folder: string): Promise<History> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ndjson')).sort();
  const lines: Line[] = [];
  const torn: string[] = [];
  for (const name of names) if (!(await readFile(join(folder, name), lines))) torn.push(name);
  return { lines, torn };
}

/** Returns whether the file ends with a whole line. */
async function readFile(path: string, lines: Line[]): Promise<boolean> {
  const source = basename(path, '.ndjson');
  let rest = '';
  let line = 0;
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const parts = (rest + (chunk as string)).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > MAX_LINE) throw new Error(`${path}:${line + parts.length + 1} does not end.`);
    for (const text of parts) {
      line += 1;
      lines.push({ source, line, record: parse(text, path, line) });
    }
  }
  return rest === '';
}

function parse(text: string, path: string, line: number): HistoryRecord {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path}:${line} is no JSON.`, { cause });
  }
  const { at, op } = (record ?? {}) as { readonly at?: unknown; readonly op?: unknown };
  if (typeof at !== 'number' || !Number.isFinite(at) || !ops.has(op)) {
    throw new Error(`${path}:${line} is no record of a history.`);
  }
  return record as HistoryRecord;
}
