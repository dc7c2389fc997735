import { fastqSystem } from './fastq.ts';
import { omniqMemory } from './omniq-memory.ts';
import { omniqSqlite } from './omniq-sqlite.ts';
import { pQueue } from './p-queue.ts';
import { plainjob } from './plainjob.ts';
import { rawMemory } from './raw-memory.ts';
import { rawPostgres } from './raw-postgres.ts';
import { rawRedis } from './raw-redis.ts';
import { rawSqlite } from './raw-sqlite.ts';
import { spikePostgres } from './spike-postgres.ts';
import { spikeRedis } from './spike-redis.ts';
import type { StoreName, System } from './system.ts';

/** Each store begins with its raw limit, against which the others of the repetition are measured. */
export const allSystems: readonly System[] = [
  rawMemory,
  fastqSystem,
  pQueue,
  omniqMemory,
  rawSqlite,
  plainjob,
  omniqSqlite,
  rawPostgres,
  spikePostgres,
  rawRedis,
  spikeRedis,
];

export const storeNames: readonly StoreName[] = ['memory', 'sqlite', 'postgres', 'redis'];
