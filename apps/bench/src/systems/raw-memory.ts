import type { Queue, System } from './system.ts';

/** The limit in memory: one object and one promise a task, nothing kept, nothing encoded. */
export const rawMemory: System = {
  name: 'raw-memory',
  store: 'memory',
  packages: [],
  settings: 'an array, one promise a task; no ids, states or encoding',
  raw: 'raw-memory',
  shared: false,
  open: async () => memoryQueue(),
};

function memoryQueue(): Queue {
  let waiting: { payload: string }[] = [];
  let running = 0;
  let handler: ((payload: string) => void) | undefined;
  let scheduled = false;
  const run = async ({ payload }: { payload: string }): Promise<void> => {
    handler?.(payload);
  };
  const pass = (): void => {
    scheduled = false;
    const batch = waiting;
    waiting = [];
    running += batch.length;
    for (const task of batch) void run(task).then(() => (running -= 1));
  };
  const add = (payload: string): void => {
    waiting.push({ payload });
    if (handler === undefined || scheduled) return;
    scheduled = true;
    queueMicrotask(pass);
  };
  return {
    enqueue: async (payload) => add(payload),
    enqueueMany: async (payloads) => payloads.forEach(add),
    work: async (run) => {
      handler = run;
      pass();
    },
    left: async () => waiting.length + running,
    close: async () => undefined,
  };
}
