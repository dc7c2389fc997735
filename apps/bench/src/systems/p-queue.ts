import PQueue from 'p-queue';
import type { System } from './system.ts';

const concurrency = 100;

export const pQueue: System = {
  name: 'p-queue',
  store: 'memory',
  packages: ['p-queue'],
  settings: `concurrency ${concurrency}; no ids, states or encoding`,
  raw: 'raw-memory',
  peer: true,
  shared: false,
  open: async () => {
    let handler: (payload: string) => void = () => {};
    const queue = new PQueue({ concurrency, autoStart: false });
    const add = (payload: string): void => void queue.add(async () => handler(payload));
    return {
      enqueue: async (payload) => add(payload),
      enqueueMany: async (payloads) => payloads.forEach(add),
      work: async (run) => {
        handler = run;
        queue.start();
      },
      left: async () => queue.size + queue.pending,
      close: async () => undefined,
    };
  },
};
