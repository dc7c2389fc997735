import { openFileQueue } from './file-queue.ts';
import type { System } from './system.ts';

/** The same, where what is acknowledged is on the disk: files one by one, folders once a batch. */
export const rawFileFsync: System = {
  name: 'raw-file-fsync',
  store: 'file',
  packages: [],
  settings: 'one file a task, claims by rename, fdatasync of every file, fsync of the folder once a batch',
  raw: 'raw-file',
  shared: true,
  open: (target) => openFileQueue(target, { sync: true }),
};
