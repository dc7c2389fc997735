import { omniqQueue } from './omniq-queue.ts';
import type { System } from './system.ts';

export const omniqMemory: System = {
  name: 'omniq-memory',
  store: 'memory',
  packages: ['@omniq/omniq', '@omniq/storage-memory'],
  settings: 'defaults: ids, states, leases, encoding and results on',
  raw: 'raw-memory',
  shared: false,
  open: () => omniqQueue('memory:'),
};
