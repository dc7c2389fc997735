import fs from 'node:fs';
import { readFile, type Disk } from './disk.ts';
import { FRAME_BYTES, unframe, type FrameFault } from './frame.ts';
import { groupsOf } from './heal-log.ts';
import { MAX_ENTRY_BYTES } from './file-log.ts';
import { entryPath, Marks } from './marks.ts';

/** The file of one entry, as it lies there. */
export interface LogFile {
  readonly position: number;
  readonly path: string;
  /** When it was written, by the file system's clock, epoch ms. */
  readonly writtenAt: number;
  /** Of the whole file, in bytes. */
  readonly size: number;
  /** Whether length, checksum and number agree. */
  readonly state: 'whole' | FrameFault;
  /** What was appended; `null` unless the file is whole. */
  readonly bytes: Uint8Array | null;
}

/** The entries of a log, for people to look at: damaged ones, too, and nothing is changed by it. */
export function* logFiles(disk: Disk): Generator<LogFile> {
  const view = new Marks(disk).current();
  for (const { positions } of groupsOf(disk, view)) {
    for (const position of positions) {
      const path = entryPath(disk, view, position);
      const found = fs.statSync(path, { throwIfNoEntry: false });
      const file = found === undefined ? undefined : readFile(path, MAX_ENTRY_BYTES + FRAME_BYTES);
      // Trimmed since it was listed.
      if (found === undefined || file === undefined) continue;
      const content = file === null ? 'foreign' : unframe('entry', 0, file);
      const isWhole = typeof content !== 'string';
      yield {
        position,
        path,
        writtenAt: found.mtimeMs,
        size: found.size,
        state: isWhole ? 'whole' : content,
        bytes: isWhole ? content : null,
      };
    }
  }
}
