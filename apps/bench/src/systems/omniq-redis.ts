import { omniqQueue } from './omniq-queue.ts';
import type { System } from './system.ts';

export const omniqRedis: System = {
  name: 'omniq-redis',
  store: 'redis',
  packages: ['@omniq/omniq', '@omniq/storage-redis', 'ioredis'],
  settings: 'defaults: results kept',
  durability: 'appendonly=no',
  raw: 'raw-redis',
  shared: true,
  open: async ({ url, scope: namespace }) => {
    const { default: redis } = await import('@omniq/storage-redis'); // By those who measure it alone.
    return omniqQueue({ tasks: { url, namespace }, plugins: [redis] });
  },
};
