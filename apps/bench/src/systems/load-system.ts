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
  'raw-redis': async () => (await import('./raw-redis.ts')).rawRedis,
  'spike-redis': async () => (await import('./spike-redis.ts')).spikeRedis,
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
