import BeeQueue from 'bee-queue';
import type { Queue, System, Target } from './system.ts';

const concurrency = 200;
const hourMs = 3_600_000;
/** Without this check it does not give back what a crashed worker held. */
const stalledMs = 5000;

export const beeQueue: System = {
  name: 'bee-queue',
  store: 'redis',
  packages: ['bee-queue'],
  settings: `concurrency ${concurrency} (default 1), removeOnSuccess, no events, jobs not stored in the producer, saveAll in bulk`,
  durability: 'appendonly=no',
  raw: 'raw-redis',
  peer: true,
  shared: true,
  open,
};

async function open({ url, scope }: Target): Promise<Queue> {
  const shared = { redis: { url }, prefix: scope, getEvents: false, sendEvents: false, storeJobs: false } as const;
  const producer = new BeeQueue<string>('bench', { ...shared, isWorker: false });
  producer.on('error', () => undefined);
  await producer.ready();
  let worker: BeeQueue<string> | undefined;
  const saveAll = async (jobs: BeeQueue.Job<string>[]): Promise<void> => {
    const errors = await producer.saveAll(jobs);
    for (const error of errors.values()) throw error;
  };
  return {
    enqueue: async (payload) => void (await producer.createJob(payload).save()),
    enqueueMany: (payloads) => saveAll(payloads.map((payload) => producer.createJob(payload))),
    enqueueDelayed: (payloads) =>
      saveAll(payloads.map((payload) => producer.createJob(payload).delayUntil(Date.now() + hourMs))),
    work: async (handler) => {
      worker = new BeeQueue<string>('bench', { ...shared, removeOnSuccess: true, activateDelayedJobs: true });
      worker.on('error', () => undefined);
      await worker.ready();
      void worker.checkStalledJobs(stalledMs);
      worker.process(concurrency, async ({ data }: BeeQueue.Job<string>) => handler(data));
    },
    left: async () => {
      const { waiting, active } = await producer.checkHealth();
      return waiting + active;
    },
    close: async () => {
      await worker?.close(1000);
      await producer.close(1000);
    },
  };
}
