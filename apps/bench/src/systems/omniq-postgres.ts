import { omniqQueue } from './omniq-queue.ts';
import { ownDatabase } from './own-database.ts';
import type { System } from './system.ts';

export const omniqPostgres: System = {
  name: 'omniq-postgres',
  store: 'postgres',
  packages: ['@omniq/omniq', '@omniq/storage-postgres', 'pg'],
  settings: 'defaults: results kept',
  raw: 'raw-postgres',
  shared: true,
  open: async (target) => {
    const { default: postgres } = await import('@omniq/storage-postgres'); // By those who measure it alone.
    return omniqQueue({ tasks: await ownDatabase(target), plugins: [postgres] });
  },
};
