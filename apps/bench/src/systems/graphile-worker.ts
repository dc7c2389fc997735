import { Logger, makeWorkerUtils, run, type Runner, type RunnerOptions } from 'graphile-worker';
import pg from 'pg';
import { ownDatabase } from './own-database.ts';
import type { Queue, System, Target } from './system.ts';

const task = 'noop';
const concurrency = 24;
const hourMs = 3_600_000;
const silent = new Logger(() => () => {});

export const graphileWorker: System = {
  name: 'graphile-worker',
  store: 'postgres',
  packages: ['graphile-worker', 'pg'],
  settings: `concurrency ${concurrency} (default 1), ${concurrency + 1} connections; the rest are defaults: one fetch and one delete a task`,
  raw: 'raw-postgres',
  peer: true,
  shared: true,
  open: (target) => openGraphileWorker(target, {}),
};

/** @param worker the part of a preset that tunes it */
export async function openGraphileWorker(target: Target, worker: GraphileConfig.WorkerOptions): Promise<Queue> {
  const connectionString = await ownDatabase(target);
  const pool = new pg.Pool({ connectionString, max: concurrency + 1 });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined)); // It asks for both.
  const shared = { pgPool: pool, logger: silent };
  const utils = await makeWorkerUtils(shared);
  if (target.create) await utils.migrate();
  let runner: Runner | undefined;
  const addMany = async (payloads: readonly string[], over: { runAt?: Date; priority?: number }): Promise<void> => {
    await utils.addJobs(payloads.map((payload) => ({ identifier: task, payload, ...over })));
  };
  return {
    enqueue: async (payload) => void (await utils.addJob(task, payload)),
    enqueueMany: (payloads) => addMany(payloads, {}),
    enqueueDelayed: (payloads) => addMany(payloads, { runAt: new Date(Date.now() + hourMs), priority: -1000 }),
    work: async (handler) => {
      const options: RunnerOptions = { ...shared, concurrency, noHandleSignals: true, preset: { worker } };
      runner = await run({
        ...options,
        taskList: { [task]: (payload) => handler(payload as string) },
        parsedCronItems: [],
      });
    },
    left: async () => {
      const { rows } = await pool.query<{ n: string }>(LEFT);
      return Number(rows[0]?.n);
    },
    close: async () => {
      await runner?.stop();
      await utils.release();
      await pool.end();
    },
  };
}

const LEFT = 'select count(*) n from graphile_worker._private_jobs where run_at <= now()';
