import type { LogLine } from '@omniq/core/storage';
import { readableEntry } from '@omniq/storage-log';
import type { Location } from './location.ts';
import { logFiles } from './log-files.ts';
import { openFolder } from './open-folder.ts';

/** The entries of a folder's log for people to look at, damaged ones too. */
export async function* readLog({ folder, durability }: Location, after: number): AsyncGenerator<LogLine> {
  const disk = await openFolder(folder, { durability });
  for (const { position, bytes, state, path, size } of logFiles(disk)) {
    if (position <= after) continue;
    if (bytes === null) yield { position, unreadable: state, path, size };
    else yield* readableEntry(position, bytes);
  }
}
