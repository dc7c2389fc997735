import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { ownDatabase } from './own-database.ts';
import type { Queue, System, Target } from './system.ts';

const queue = 'noop';
const batchSize = 3000;
const localConcurrency = 2;

export const pgBoss: System = {
  name: 'pg-boss',
  store: 'postgres',
  packages: ['pg-boss', 'pg'],
  settings: `batchSize ${batchSize}, localConcurrency ${localConcurrency}, burstWhenBatchFull, LISTEN/NOTIFY on`,
  raw: 'raw-postgres',
  peer: true,
  shared: true,
  open: (target) => openPgBoss(target, true),
};

/** @param notify whether a worker is woken, for which each enqueue pays; else it looks twice a second, its least */
export async function openPgBoss(target: Target, notify: boolean): Promise<Queue> {
  const connectionString = await ownDatabase(target);
  const boss = new PgBoss({ connectionString, useListenNotify: notify });
  boss.on('error', () => undefined);
  await boss.start();
  if (target.create) await boss.createQueue(queue, { notify });
  const observer = new pg.Pool({ connectionString, max: 1 });
  observer.on('error', () => undefined);
  const insert = async (
    payloads: readonly string[],
    over: { priority?: number; startAfter?: number },
  ): Promise<void> => {
    await boss.insert(
      queue,
      payloads.map((payload) => ({ data: { payload }, ...over })),
    );
  };
  return {
    enqueue: async (payload) => void (await boss.send(queue, { payload })),
    enqueueMany: (payloads) => insert(payloads, {}),
    enqueueDelayed: (payloads) => insert(payloads, { priority: 1000, startAfter: 3600 }),
    work: async (handler) => {
      const options = { batchSize, localConcurrency, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 };
      await boss.work<{ payload: string }>(queue, options, async (jobs) => {
        for (const { data } of jobs) handler(data.payload);
      });
    },
    left: async () => {
      const { rows } = await observer.query<{ n: string }>(LEFT);
      return Number(rows[0]?.n);
    },
    close: async () => {
      await boss.stop({ graceful: true, timeout: 2000 });
      await observer.end();
    },
  };
}

/** It keeps what is completed for a week; a delayed task is `created` with a later start. */
const LEFT = `select count(*) n from pgboss.job where state < 'completed' and start_after <= now()`;
