import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { OmniQError } from '@omniq/core/storage';
import { codeOf, failureOf } from './failure.ts';

export type Durability = 'full' | 'none';

/** Above this, writing leaves the loop to others in between. */
const AT_ONCE = 1_048_576;

/**
 * The folder that all stores share, and the few steps that everything in it is made of.
 *
 * Each step that the system answers from memory is called synchronously, as it takes less than the way to the thread
 * pool and back; what waits for the disk is not.
 */
export class Disk {
  readonly folder: string;
  readonly durability: Durability;

  constructor(folder: string, durability: Durability) {
    this.folder = folder;
    this.durability = durability;
  }

  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  /** A name that nothing else has, and had. */
  unique(): string {
    return randomUUID();
  }

  /** Errors of the file system become those that users see. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw failureOf(error, this.folder);
    }
  }

  /** Writes a file under a name of its own in `tmp/` and returns its path. It is whole and durable, all but its name. */
  async writeTemp(parts: readonly Uint8Array[]): Promise<string> {
    const temp = this.path('tmp', this.unique());
    await this.write(temp, parts);
    return temp;
  }

  /**
   * Writes a new file; nobody else may know its name. A flush that failed is never repeated: the system may have dropped
   * what it could not write. The file goes instead.
   */
  async write(path: string, parts: readonly Uint8Array[]): Promise<void> {
    const file = fs.openSync(path, 'wx');
    try {
      await writeAll(file, parts);
      if (this.durability === 'full') await flushed(fs.fdatasync, file);
    } catch (error) {
      removeFile(path);
      throw error;
    } finally {
      fs.closeSync(file);
    }
  }

  /** Gives a file one more name, unless that is taken. The folder is made if it is missing. */
  link(temp: string, target: string): boolean {
    try {
      fs.linkSync(temp, target);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      if (codeOf(error) !== 'ENOENT' || fs.existsSync(dirname(target)) || !fs.existsSync(temp)) throw error;
    }
    makeFolder(dirname(target));
    return this.link(temp, target);
  }

  /** Writes a file unless there is one of this name; whoever sees it sees it whole. */
  async create(target: string, parts: readonly Uint8Array[]): Promise<boolean> {
    const temp = await this.writeTemp(parts);
    try {
      return this.link(temp, target);
    } finally {
      removeFile(temp);
    }
  }

  /** Makes what was created, renamed and removed in these folders durable. */
  async syncFolders(...folders: readonly string[]): Promise<void> {
    // Windows flushes no folders, and needs none of it.
    if (this.durability === 'none' || process.platform === 'win32') return;
    await Promise.all([...new Set(folders)].map((folder) => syncFolder(folder)));
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = fs.openSync(folder, 'r');
  try {
    await flushed(fs.fsync, handle);
  } finally {
    fs.closeSync(handle);
  }
}

/** Makes a folder if there is none. Returns whether it made it. */
export function makeFolder(folder: string): boolean {
  try {
    fs.mkdirSync(folder);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a file if it is there. Returns whether it was. */
export function removeFile(path: string): boolean {
  return unlessMissing(() => fs.unlinkSync(path));
}

/** Renames a file if it is there. Returns whether it was. */
export function renameFile(from: string, to: string): boolean {
  return unlessMissing(() => fs.renameSync(from, to));
}

/** Removes a folder if it is there and empty. */
export function removeEmptyFolder(path: string): void {
  try {
    fs.rmdirSync(path);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

/** The names in a folder; none if it is not there. */
export function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/**
 * All bytes of a file; `undefined` if there is none, `null` if it is larger than `maxBytes`, which nobody wrote.
 */
export function readFile(path: string, maxBytes: number): Buffer | null | undefined {
  const file = openToRead(path);
  if (file === undefined) return undefined;
  try {
    const { size } = fs.fstatSync(file);
    if (size > maxBytes) return null;
    const bytes = Buffer.allocUnsafeSlow(size);
    let filled = 0;
    for (let read = -1; read !== 0 && filled < size; filled += read) {
      read = fs.readSync(file, bytes, filled, size - filled, filled);
    }
    return bytes.subarray(0, filled);
  } finally {
    fs.closeSync(file);
  }
}

function openToRead(path: string): number | undefined {
  try {
    return fs.openSync(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export async function writeAll(file: number, parts: readonly Uint8Array[]): Promise<void> {
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  if (size <= AT_ONCE && fs.writevSync(file, [...parts]) === size) return;
  let position = 0;
  for (const part of parts) {
    for (let from = 0; from < part.length;) {
      const written = await write(file, part, from, Math.min(part.length - from, AT_ONCE), position);
      if (written === 0) throw new OmniQError('STORE_FAILED', 'A file took no more bytes, and no error told why.');
      from += written;
      position += written;
    }
  }
}

function write(file: number, bytes: Uint8Array, from: number, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.write(file, bytes, from, length, position, (error, written) => (error ? reject(error) : resolve(written)));
  });
}

export function flushed(
  flush: (file: number, done: (error: Error | null) => void) => void,
  file: number,
): Promise<void> {
  return new Promise((resolve, reject) => flush(file, (error) => (error ? reject(error) : resolve())));
}

function unlessMissing(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
