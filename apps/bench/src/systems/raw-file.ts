import { openFileQueue } from './file-queue.ts';
import type { System } from './system.ts';

/** The limit of a file for each task: written, renamed twice and removed. Outlives its process, not the loss of power. */
export const rawFile: System = {
  name: 'raw-file',
  store: 'file',
  packages: [],
  settings: 'one file a task, claims by rename, no fsync',
  raw: 'raw-file',
  shared: true,
  open: (target) => openFileQueue(target, { sync: false }),
};
