import { Queue as BullQueue, Worker } from 'bullmq';
import { bullmqQueue } from './bullmq-queue.ts';
import type { System } from './system.ts';

const concurrency = 100;

export const bullmq: System = {
  name: 'bullmq',
  store: 'redis',
  packages: ['bullmq', 'ioredis'],
  settings: `concurrency ${concurrency} (default 1), removeOnComplete`,
  durability: 'appendonly=no',
  raw: 'raw-redis',
  peer: true,
  shared: true,
  open: async ({ url, scope: prefix }) => {
    const queue = new BullQueue('bench', {
      prefix,
      connection: { url },
      defaultJobOptions: { removeOnComplete: true },
    });
    queue.on('error', () => undefined);
    await queue.waitUntilReady();
    return bullmqQueue({
      queue,
      startWorker: (run) => {
        const worker = new Worker('bench', run, {
          prefix,
          connection: { url, maxRetriesPerRequest: null },
          concurrency,
        });
        worker.on('error', () => undefined);
        return worker;
      },
    });
  },
};
