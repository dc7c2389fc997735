import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { better, defineQueue, defineWorker, JobStatus, type Logger, type Worker } from 'plainjob';
import type { Queue, System, Target } from './system.ts';

const type = 'noop';
const silent: Logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
/** Its loop awaits microtasks alone: without a pause no timer of the process fires until the queue is empty. */
const runsPerTurn = 200;

export const plainjob: System = {
  name: 'plainjob',
  store: 'sqlite',
  packages: ['plainjob', 'better-sqlite3'],
  settings: 'one at a time, poll 5 ms, silent logger, its own pragmas (WAL, synchronous=NORMAL)',
  raw: 'raw-sqlite',
  peer: true,
  shared: true,
  open,
};

async function open({ url }: Target): Promise<Queue> {
  const db = new Database(url, { timeout: 10_000 });
  const queue = defineQueue({ connection: better(db), logger: silent, serializer: String });
  let worker: Worker | undefined;
  let working: Promise<void> | undefined;
  return {
    enqueue: async (payload) => void queue.add(type, payload),
    enqueueMany: async (payloads) => void queue.addMany(type, [...payloads]),
    work: async (handler) => {
      let runs = 0;
      const run = (job: { data: string }): Promise<void> | void => {
        handler(job.data);
        runs += 1;
        if (runs % runsPerTurn === 0) return nextTurn();
      };
      worker = defineWorker(type, run, { queue, pollIntervall: 5, logger: silent });
      working = worker.start();
    },
    left: async () =>
      queue.countJobs({ status: JobStatus.Pending }) + queue.countJobs({ status: JobStatus.Processing }),
    close: async () => {
      await worker?.stop();
      await working;
      queue.close();
    },
  };
}
