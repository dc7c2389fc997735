import { openNatsLog } from '../spikes/nats-log.ts';
import { openNatsRecords } from '../spikes/nats-records.ts';
import { omniqQueue } from './omniq-queue.ts';
import type { Queue, System, Target } from './system.ts';

/** OmniQ with all its defaults, its tasks in one stream that every process replays. */
export const spikeNatsLog: System = {
  name: 'spike-nats-log',
  store: 'nats',
  packages: ['@omniq/omniq', '@omniq/storage-log', '@nats-io/jetstream', '@nats-io/transport-node'],
  settings: 'one stream as a shared log; defaults: results kept, events in memory',
  raw: 'raw-nats',
  shared: true,
  open,
};

async function open({ url, scope }: Target): Promise<Queue> {
  const { openLogBackend } = await import('@omniq/storage-log'); // By those who measure it alone.
  const records = await openNatsRecords(url, scope);
  const backend = openLogBackend({ log: await openNatsLog(url, scope), records });
  const queue = await omniqQueue({ tasks: backend, events: 'memory:' });
  return {
    ...queue,
    close: async () => {
      await queue.close();
      await backend.close();
      await records.close();
    },
  };
}
