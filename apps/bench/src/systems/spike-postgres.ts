import { PostgresSpike } from '../spikes/postgres.ts';
import { ownDatabase } from './own-database.ts';
import { spikeQueue } from './spike-queue.ts';
import type { System } from './system.ts';

/** The verbs of the storage contract on PostgreSQL, with sessions, fences, repeated claims and kept results. */
export const spikePostgres: System = {
  name: 'spike-postgres',
  store: 'postgres',
  packages: ['pg'],
  settings: 'batch 500, 1 claim in flight, adds of a tick coalesced, results kept, synchronous_commit=on',
  raw: 'raw-postgres',
  shared: true,
  open: async (target) => {
    const store = new PostgresSpike(await ownDatabase(target), { connections: 3 });
    if (target.create) await store.migrate();
    return spikeQueue(store, { batch: 500, lanes: 1 });
  },
};
