import { createOmniQ, defineTask, type EnqueueOptions, type OmniQConfig } from '@omniq/omniq';
import type { Queue } from './system.ts';

/** Drives OmniQ through its public API, with nothing switched off that is on by default. */
export async function omniqQueue(store: string | Pick<OmniQConfig, 'tasks' | 'events' | 'plugins'>): Promise<Queue> {
  let handler: (payload: string) => void = () => {};
  const noop = defineTask({ name: 'bench.noop', run: (payload: string) => handler(payload) });
  const omniq = await createOmniQ(typeof store === 'string' ? { tasks: store } : store);
  const addMany = async (payloads: readonly string[], options: EnqueueOptions): Promise<void> => {
    await omniq.enqueueMany(payloads.map((payload) => [noop, payload, options] as const));
  };
  return {
    enqueue: async (payload) => void (await omniq.enqueue(noop, payload)),
    enqueueMany: (payloads) => addMany(payloads, {}),
    enqueueDelayed: (payloads) => addMany(payloads, { delay: '1h', priority: 1000 }),
    work: async (run) => {
      handler = run;
      await omniq.work({ tasks: [noop] });
    },
    left: async () => {
      const queues = await omniq.queues.list();
      return queues.reduce((sum, { counts }) => sum + (counts.pending ?? 0) + (counts.running ?? 0), 0);
    },
    close: () => omniq.close(),
  };
}
