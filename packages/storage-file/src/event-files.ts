import fs from 'node:fs';
import { dirname } from 'node:path';
import { OmniQError, type StoredEvent } from '@omniq/core/storage';
import { flushed, makeFolder, namesIn, removeEmptyFolder, removeFile, type Disk } from './disk.ts';
import { codeOf } from './failure.ts';
import { eventIn, lineOf } from './event-line.ts';

const HOUR_MS = 3_600_000;
const ATTEMPTS = 3;
const CHUNK_BYTES = 1_048_576;
/** A line beyond is passed over: no event is as large. */
const MAX_LINE_BYTES = 67_108_864;

const dayName = /^([+-]?\d{4,6}-\d{2}-\d{2})$/;
const hourName = /^(\d{2})\.ndjson$/;

/** An event, and where its line begins in the file of its hour: what arrived later stands further back. */
export interface FiledEvent {
  readonly event: StoredEvent;
  readonly offset: number;
}

export function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS);
}

/** The files of events: a folder for each day, a file for each hour, a line for each event, all by UTC. */
export class EventFiles {
  readonly #disk: Disk;
  /** The file whose own name is known to be durable. */
  #settled = '';

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Hours of which there is a file, in order. */
  hours(): number[] {
    const hours: number[] = [];
    for (const day of namesIn(this.#disk.path('events'))) {
      if (!dayName.test(day)) continue;
      const start = Date.parse(`${day}T00:00:00Z`) / HOUR_MS;
      for (const name of namesIn(this.#disk.path('events', day))) {
        const hour = hourName.exec(name)?.[1];
        if (hour !== undefined && Number(hour) < 24) hours.push(start + Number(hour));
      }
    }
    return hours.filter((hour) => Number.isSafeInteger(hour)).sort((a, b) => a - b);
  }

  /**
   * Adds lines to the file of an hour in one write, so that those of several processes do not mix. It begins with the
   * end of a line: of one that somebody who was killed may have left unfinished.
   */
  async append(hour: number, events: readonly StoredEvent[]): Promise<void> {
    const path = this.#path(hour);
    const file = openToAppend(path);
    try {
      appendAll(file, Buffer.from(`\n${events.map((event) => `${lineOf(event)}\n`).join('')}`));
      if (this.#disk.durability === 'full') await flushed(fs.fdatasync, file);
    } finally {
      fs.closeSync(file);
    }
    if (this.#settled === path) return;
    await this.#disk.syncFolders(this.#disk.path('events'), dirname(path));
    this.#settled = path;
  }

  /** Events of an hour as they arrived, each id once: the first of it. */
  async *read(hour: number): AsyncGenerator<FiledEvent> {
    const ids = new Set<string>();
    for await (const [offset, line] of linesOf(this.#path(hour))) {
      const event = eventIn(line);
      if (event === null || hourOf(event.at) !== hour || ids.has(event.id)) continue;
      ids.add(event.id);
      yield { event, offset };
    }
  }

  remove(hour: number): void {
    const path = this.#path(hour);
    removeFile(path);
    removeEmptyFolder(dirname(path));
  }

  #path(hour: number): string {
    const [day = '', time = ''] = new Date(hour * HOUR_MS).toISOString().split('T');
    return this.#disk.path('events', day, `${time.slice(0, 2)}.ndjson`);
  }
}

function openToAppend(path: string): number {
  try {
    return fs.openSync(path, 'a');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || fs.existsSync(dirname(path))) throw error;
    makeFolder(dirname(path));
    return openToAppend(path);
  }
}

/**
 * All in one write. One that was cut short is made again as a whole, as others may have written behind it: what stands
 * there twice counts once. A disk that is full says so at the second try.
 */
function appendAll(file: number, bytes: Uint8Array): void {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) if (fs.writeSync(file, bytes) === bytes.length) return;
  throw new OmniQError('STORE_FAILED', 'A file of events took less than was written, and no error told why.');
}

async function* linesOf(path: string): AsyncGenerator<readonly [offset: number, line: string]> {
  let file: fs.promises.FileHandle;
  try {
    file = await fs.promises.open(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    let rest = Buffer.alloc(0);
    for (let position = 0; ;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, position);
      if (bytesRead === 0) return;
      const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const start = position - rest.length;
      position += bytesRead;
      let from = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
        if (end > from) yield [start + from, bytes.toString('utf8', from, end)];
        from = end + 1;
      }
      rest = bytes.length - from > MAX_LINE_BYTES ? Buffer.alloc(0) : bytes.subarray(from);
    }
  } finally {
    await file.close();
  }
}
