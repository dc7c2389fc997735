import { aofOf } from './aof-of.ts';
import type { System } from './system.ts';

/** A measuring process loads its own system alone: what others import is neither waited for nor held in memory. */
const loaders: Readonly<Record<string, () => Promise<System>>> = {
  'raw-memory': async () => (await import('./raw-memory.ts')).rawMemory,
  fastq: async () => (await import('./fastq.ts')).fastqSystem,
  'p-queue': async () => (await import('./p-queue.ts')).pQueue,
  'omniq-memory': async () => (await import('./omniq-memory.ts')).omniqMemory,
  'raw-file': async () => (await import('./raw-file.ts')).rawFile,
  'raw-file-fsync': async () => (await import('./raw-file-fsync.ts')).rawFileFsync,
  'omniq-file': async () => (await import('./omniq-file.ts')).omniqFile,
  'raw-sqlite': async () => (await import('./raw-sqlite.ts')).rawSqlite,
  plainjob: async () => (await import('./plainjob.ts')).plainjob,
  'omniq-sqlite': async () => (await import('./omniq-sqlite.ts')).omniqSqlite,
  'raw-postgres': async () => (await import('./raw-postgres.ts')).rawPostgres,
  'spike-postgres': async () => (await import('./spike-postgres.ts')).spikePostgres,
  'omniq-postgres': async () => (await import('./omniq-postgres.ts')).omniqPostgres,
  'graphile-worker-batched': async () => (await import('./graphile-worker-batched.ts')).graphileWorkerBatched,
  'graphile-worker': async () => (await import('./graphile-worker.ts')).graphileWorker,
  'pg-boss': async () => (await import('./pg-boss.ts')).pgBoss,
  'pg-boss-polling': async () => (await import('./pg-boss-polling.ts')).pgBossPolling,
  'bullmq-postgres': async () => (await import('./bullmq-postgres.ts')).bullmqPostgres,
  'raw-redis': async () => (await import('./raw-redis.ts')).rawRedis,
  'spike-redis': async () => (await import('./spike-redis.ts')).spikeRedis,
  'omniq-redis': async () => (await import('./omniq-redis.ts')).omniqRedis,
  bullmq: async () => (await import('./bullmq.ts')).bullmq,
  'bee-queue': async () => (await import('./bee-queue.ts')).beeQueue,
  'raw-redis-aof': async () => aofOf((await import('./raw-redis.ts')).rawRedis),
  'spike-redis-aof': async () => aofOf((await import('./spike-redis.ts')).spikeRedis),
  'omniq-redis-aof': async () => aofOf((await import('./omniq-redis.ts')).omniqRedis),
  'bullmq-aof': async () => aofOf((await import('./bullmq.ts')).bullmq),
  'bee-queue-aof': async () => aofOf((await import('./bee-queue.ts')).beeQueue),
  'raw-nats': async () => (await import('./raw-nats.ts')).rawNats,
  'spike-nats-log': async () => (await import('./spike-nats-log.ts')).spikeNatsLog,
};

/** Each store begins with its raw limit, against which the others of a repetition are measured. */
export const systemNames: readonly string[] = Object.keys(loaders);

export async function loadSystem(name: string): Promise<System> {
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  if (load === undefined) throw new Error(`No system is called ${name}. Known are ${systemNames.join(', ')}.`);
  return load();
}
