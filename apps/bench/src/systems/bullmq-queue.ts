import type { Queue as BullQueue, Worker } from 'bullmq';
import type { Queue } from './system.ts';

const hourMs = 3_600_000;
const name = 'noop';

/** What both backends of BullMQ have in common. */
export interface BullMQ {
  readonly queue: Pick<BullQueue, 'add' | 'addBulk' | 'getJobCounts' | 'close'>;
  readonly startWorker: (run: (job: { data: string }) => Promise<void>) => Pick<Worker, 'waitUntilReady' | 'close'>;
}

export function bullmqQueue({ queue, startWorker }: BullMQ): Queue {
  let worker: Pick<Worker, 'waitUntilReady' | 'close'> | undefined;
  const addMany = async (payloads: readonly string[], opts: { delay?: number; priority?: number }): Promise<void> => {
    await queue.addBulk(payloads.map((data) => ({ name, data, opts })));
  };
  return {
    enqueue: async (payload) => void (await queue.add(name, payload)),
    enqueueMany: (payloads) => addMany(payloads, {}),
    enqueueDelayed: (payloads) => addMany(payloads, { delay: hourMs, priority: 1 }),
    work: async (handler) => {
      worker = startWorker(async ({ data }) => handler(data));
      await worker.waitUntilReady();
    },
    left: async () => {
      const { wait = 0, active = 0, prioritized = 0 } = await queue.getJobCounts('wait', 'active', 'prioritized');
      return wait + active + prioritized;
    },
    close: async () => {
      await worker?.close();
      await queue.close();
    },
  };
}
