import { createPostgresBackend, Queue as BullQueue, Worker } from 'bullmq';
import { bullmqQueue } from './bullmq-queue.ts';
import { ownDatabase } from './own-database.ts';
import type { System } from './system.ts';

const concurrency = 20;

export const bullmqPostgres: System = {
  name: 'bullmq-postgres',
  store: 'postgres',
  packages: ['bullmq', 'pg'],
  settings: `concurrency ${concurrency} (default 1) with as many connections, removeOnComplete`,
  raw: 'raw-postgres',
  peer: true,
  shared: true,
  open: async (target) => {
    const connectionString = await ownDatabase(target);
    const connection = { connectionString, max: concurrency, migrate: target.create };
    const settings = { connection, defaultJobOptions: { removeOnComplete: true } };
    const queue = new BullQueue('bench', settings, createPostgresBackend);
    queue.on('error', () => undefined);
    await queue.waitUntilReady();
    return bullmqQueue({
      queue,
      startWorker: (run) => {
        const worker = new Worker('bench', run, { connection, concurrency }, createPostgresBackend);
        worker.on('error', () => undefined);
        return worker;
      },
    });
  },
};
