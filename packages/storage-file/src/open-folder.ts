import fs from 'node:fs';
import { resolve } from 'node:path';
import { OmniQError } from '@omniq/core/storage';
import { Disk, makeFolder, namesIn, removeFile, type Durability } from './disk.ts';
import { codeOf } from './failure.ts';

/** What lies in the folder. */
const parts = ['tmp', 'log', 'marks', 'snapshots', 'quarantine', 'packs', 'records', 'results', 'events'] as const;

const FORMAT = 'format.json';
const VERSION = 1;

/** What `link` says on file systems that have no such thing. */
const noLinks: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EXDEV',
  'EINVAL',
]);

export interface FolderOptions {
  /** `full` (default): what is acknowledged survives the loss of power. `none`: the end of the process. */
  readonly durability?: Durability;
}

/**
 * Opens the folder that a file store lives in; made if the one that it lies in exists.
 * @throws OmniQError `STORE_UNREACHABLE`, `STORE_FULL`, `STORE_VERSION`; `UNSUPPORTED` on a file system without hard links
 */
export async function openFolder(folder: string, { durability = 'full' }: FolderOptions = {}): Promise<Disk> {
  const disk = new Disk(resolve(folder), durability);
  return disk.run(async () => {
    makeRoot(disk.folder);
    const made = parts.map((part) => makeFolder(disk.path(part)));
    await probe(disk);
    if (made.includes(true)) await disk.syncFolders(disk.folder);
    await checkFormat(disk);
    sweepTemps(disk);
    return disk;
  });
}

/** Makes one folder, not a path: a path that is missing is a disk that is not mounted, or a mistake. */
function makeRoot(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new OmniQError('STORE_UNREACHABLE', `There is no folder for the folder ${folder}.`, {
      hint: 'It is made if the one that it lies in is there.',
      cause: error,
      backend: 'file',
      folder,
    });
  }
}

/**
 * Everything here stands on one promise of the file system: of all who link a file to one name, one does it. Whoever
 * cannot link, or links over what is there, is refused.
 */
async function probe(disk: Disk): Promise<void> {
  const temp = await disk.writeTemp([]);
  const target = disk.path('tmp', disk.unique());
  try {
    if (!disk.link(temp, target)) throw refused(disk, undefined);
    if (disk.link(temp, target)) throw refused(disk, undefined);
  } catch (error) {
    if (noLinks.has(codeOf(error))) throw refused(disk, error);
    throw error;
  } finally {
    removeFile(temp);
    removeFile(target);
  }
}

function refused({ folder }: Disk, cause: unknown): OmniQError {
  return new OmniQError('UNSUPPORTED', `The folder ${folder} is on a file system without hard links.`, {
    hint: 'Name a folder on a local disk (ext4, XFS, Btrfs, ZFS, APFS, NTFS), or choose another backend.',
    cause,
    backend: 'file',
    folder,
  });
}

async function checkFormat(disk: Disk): Promise<void> {
  const path = disk.path(FORMAT);
  const written = Buffer.from(`${JSON.stringify({ format: 'omniq-file', version: VERSION })}\n`);
  if (!fs.existsSync(path) && (await disk.create(path, [written]))) await disk.syncFolders(disk.folder);
  const found = formatIn(fs.readFileSync(path, 'utf8').slice(0, 1_024));
  if (found === VERSION) return;
  throw new OmniQError(
    found === null ? 'STORE_CORRUPT' : 'STORE_VERSION',
    `The file ${path} says nothing that this version knows.`,
    { hint: 'Upgrade this process, or name another folder.', backend: 'file', folder: disk.folder, file: path },
  );
}

/** The version that a folder was written in; `null` if it is not one of ours. */
function formatIn(text: string): number | null {
  try {
    const { format, version } = JSON.parse(text) as { format?: unknown; version?: unknown };
    return format === 'omniq-file' && typeof version === 'number' ? version : null;
  } catch {
    return null;
  }
}

/** No write takes so long: whoever began it is gone. Should it wake up all the same, its write fails and changes nothing. */
export const ABANDONED_MS = 900_000;

/** Removes what writers left behind that were killed. Ages are told by the clock of the file system alone. */
export function sweepTemps(disk: Disk): void {
  const folder = disk.path('tmp');
  const names = namesIn(folder);
  if (names.length === 0) return;
  const probing = disk.path('tmp', disk.unique());
  fs.closeSync(fs.openSync(probing, 'wx'));
  const now = fs.statSync(probing).mtimeMs;
  for (const name of names) {
    const path = disk.path('tmp', name);
    const found = fs.statSync(path, { throwIfNoEntry: false });
    if (found !== undefined && now - found.mtimeMs > ABANDONED_MS) fs.rmSync(path, { recursive: true, force: true });
  }
  removeFile(probing);
}
