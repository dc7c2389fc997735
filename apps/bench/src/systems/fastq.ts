import fastq from 'fastq';
import type { System } from './system.ts';

const concurrency = 100;

export const fastqSystem: System = {
  name: 'fastq',
  store: 'memory',
  packages: ['fastq'],
  settings: `callbacks, concurrency ${concurrency}; no ids, states or encoding`,
  raw: 'raw-memory',
  peer: true,
  shared: false,
  open: async () => {
    let handler: (payload: string) => void = () => {};
    const queue = fastq<unknown, string>((payload, done) => {
      handler(payload);
      queueMicrotask(() => done(null)); // As an asynchronous handler would end.
    }, concurrency);
    queue.pause();
    const ignore = (): void => {};
    return {
      enqueue: async (payload) => queue.push(payload, ignore),
      enqueueMany: async (payloads) => payloads.forEach((payload) => queue.push(payload, ignore)),
      work: async (run) => {
        handler = run;
        queue.resume();
      },
      left: async () => queue.length() + queue.running(),
      close: async () => undefined,
    };
  },
};
