import { omniqQueue } from './omniq-queue.ts';
import type { System } from './system.ts';

export const omniqSqlite: System = {
  name: 'omniq-sqlite',
  store: 'sqlite',
  packages: ['@omniq/omniq', '@omniq/storage-sqlite', 'better-sqlite3'],
  settings: 'defaults: synchronous=FULL, results kept',
  raw: 'raw-sqlite',
  shared: true,
  open: ({ url }) => omniqQueue(`sqlite:${url}`),
};
