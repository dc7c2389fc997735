import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What a scan found. Paths are relative to the scanned folder, with `/`, sorted. */
export interface Listing {
  readonly files: readonly string[];
  readonly unreadable: readonly UnreadablePath[];
}

/** A file or folder that could not be read, and the system's code for it: `EACCES`, `ENOENT` ... */
export type UnreadablePath = readonly [path: string, code: string];

/**
 * Lists the regular files below a folder. Symbolic links are not followed, so no loop can catch it. The
 * queue's own database `own` and the files beside it are left out.
 * @throws if the folder itself cannot be read, or `signal` aborts
 */
export async function scanFolder(folder: string, own: string | undefined, signal?: AbortSignal): Promise<Listing> {
  const files: string[] = [];
  const unreadable: UnreadablePath[] = [];
  const waiting = [''];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    signal?.throwIfAborted();
    try {
      for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
        const child = path === '' ? entry.name : `${path}/${entry.name}`;
        if (entry.isDirectory()) waiting.push(child);
        else if (entry.isFile() && !isOwn(join(folder, child), own)) files.push(child);
      }
    } catch (error) {
      if (path === '') throw error;
      unreadable.push([path, codeOf(error)]);
    }
  }
  return { files: files.toSorted(), unreadable: unreadable.toSorted(([a], [b]) => (a < b ? -1 : 1)) };
}

/** The system's code of an error. @throws the error itself if it has none: then it is not about a file */
export function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code !== 'string' || error instanceof TypeError) throw error;
  return code;
}

/** A database has files beside it or below: `quickstart.db-wal`, `quickstart.db-shm` ... */
function isOwn(path: string, own: string | undefined): boolean {
  return own !== undefined && path.startsWith(own) && ['', '-', '.', '/'].includes(path.charAt(own.length));
}
