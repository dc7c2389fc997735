import { omniqQueue } from './omniq-queue.ts';
import type { System } from './system.ts';

export const omniqFile: System = {
  name: 'omniq-file',
  store: 'file',
  packages: ['@omniq/omniq', '@omniq/storage-file'],
  settings: 'defaults: every commit on the disk (fdatasync), results kept',
  raw: 'raw-file',
  shared: true,
  open: ({ url }) => omniqQueue(`file:${url}`),
};
