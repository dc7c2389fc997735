import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { startPostgres } from './servers/postgres.ts';
import { startRedis } from './servers/redis.ts';
import type { StoreName } from './systems/system.ts';

/** Where the measurements of one store take place. */
export interface Arena {
  /** What to open for this measurement. */
  url(scope: string): string;
  /** Server name and version, and how it was started. */
  readonly server?: { readonly name: string; readonly version: string; readonly settings: string };
  /** Forgets what a measurement left behind. */
  clear(scope: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts what the store needs. Throws `MissingServer` where it is not installed. */
export async function openArena(store: StoreName): Promise<Arena> {
  if (store === 'memory') return { url: () => 'memory:', clear: async () => undefined, stop: async () => undefined };
  if (store === 'sqlite') return fileArena();
  return store === 'postgres' ? postgresArena() : redisArena();
}

async function fileArena(): Promise<Arena> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-sqlite-'));
  return {
    url: (scope) => join(folder, `${scope}.db`),
    clear: async (scope) => {
      const files = (await readdir(folder)).filter((file) => file.startsWith(`${scope}.db`));
      await Promise.all(files.map((file) => rm(join(folder, file), { recursive: true, force: true })));
    },
    stop: () => rm(folder, { recursive: true, force: true }),
  };
}

async function postgresArena(): Promise<Arena> {
  const { url, version, settings, stop } = await startPostgres();
  return {
    url: () => url,
    server: { name: 'postgres', version, settings },
    clear: async (scope) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(`drop database if exists ${pg.escapeIdentifier(scope)} with (force)`);
      await client.end();
    },
    stop,
  };
}

async function redisArena(): Promise<Arena> {
  const { url, version, settings, stop } = await startRedis();
  const redis = new Redis(url);
  return {
    url: () => url,
    server: { name: 'redis', version, settings },
    clear: async () => void (await redis.flushall()),
    stop: async () => {
      redis.disconnect();
      await stop();
    },
  };
}
