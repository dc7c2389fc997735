import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import pg from 'pg';
import { startNats, startPostgres, startRedis } from '@omniq/testkit/servers';
import type { Meter } from './meters/meter.ts';
import { postgresMeter } from './meters/postgres-meter.ts';
import { redisMeter } from './meters/redis-meter.ts';
import type { StoreName } from './systems/system.ts';

/** Where the measurements of one store take place. */
export interface Arena {
  /** What to open for this measurement. */
  url(scope: string): string;
  /** Server name and version, and how it was started. */
  readonly server?: { readonly name: string; readonly version: string; readonly settings: string };
  /** Reads what the server did for a measurement; absent where there is none, or where it does not tell. */
  meter?(scope: string): Promise<Meter>;
  /** Opens a transaction that sees the measurement's data as they are now, until it is told to end. */
  holdSnapshot?(scope: string): Promise<() => Promise<void>>;
  /** Forgets what a measurement left behind. */
  clear(scope: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts what the store needs. Throws `MissingServer` where it is not installed.
 * @param place the folder in which stores without a server get one of their own, removed afterwards
 */
export async function openArena(store: StoreName, place: string = tmpdir()): Promise<Arena> {
  if (store === 'memory') return { url: () => 'memory:', clear: async () => undefined, stop: async () => undefined };
  if (store === 'file') return folderArena(place);
  if (store === 'sqlite') return databaseArena(place);
  if (store === 'nats') return natsArena();
  if (store === 'postgres') return postgresArena();
  return redisArena(store === 'redis-aof' ? { appendonly: 'yes', appendfsync: 'everysec' } : {});
}

async function folderArena(place: string): Promise<Arena> {
  const folder = await mkdtemp(join(place, 'bench-file-'));
  await spreadOut(folder);
  return {
    url: (scope) => join(folder, scope),
    clear: (scope) => rm(join(folder, scope), { recursive: true, force: true }),
    stop: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * For minutes after a file was deleted ext4 does not take its inode for another, and searches on: each measurement would
 * pay for the files of those before, up to tenfold. Told so, it puts the folders in this one far apart.
 */
function spreadOut(folder: string): Promise<void> {
  return new Promise((resolve) => {
    execFile('chattr', ['+T', folder], () => resolve()); // Other systems have neither this nor that.
  });
}

async function databaseArena(place: string): Promise<Arena> {
  const folder = await mkdtemp(join(place, 'bench-sqlite-'));
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
  const { url, version, settings, pid, stop } = await startPostgres();
  return {
    url: () => url,
    server: { name: 'postgres', version, settings },
    meter: (scope) => postgresMeter(url, scope, pid),
    holdSnapshot: (scope) => holdSnapshot(url, scope),
    clear: async (scope) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(`drop database if exists ${pg.escapeIdentifier(scope)} with (force)`);
      await client.end();
    },
    stop,
  };
}

async function holdSnapshot(url: string, scope: string): Promise<() => Promise<void>> {
  const own = new URL(url);
  own.pathname = `/${scope}`;
  const client = new pg.Client({ connectionString: own.href });
  await client.connect();
  await client.query('begin isolation level repeatable read');
  await client.query('select count(*) from pg_class'); // The first statement takes the snapshot.
  return () => client.end();
}

async function redisArena(told: Readonly<Record<string, string>>): Promise<Arena> {
  const { url, version, settings, pid, stop } = await startRedis({ settings: told });
  const redis = new Redis(url);
  return {
    url: () => url,
    server: { name: 'appendonly' in told ? 'redis-aof' : 'redis', version, settings },
    meter: () => redisMeter(url, pid),
    clear: async () => void (await redis.flushall()),
    stop: async () => {
      redis.disconnect();
      await stop();
    },
  };
}

async function natsArena(): Promise<Arena> {
  const { url, version, settings, stop } = await startNats();
  const connection = await connect({ servers: url });
  const jsm = await jetstreamManager(connection);
  return {
    url: () => url,
    server: { name: 'nats', version, settings },
    clear: async () => {
      const streams = await jsm.streams.list().next();
      await Promise.all(streams.map(({ config }) => jsm.streams.delete(config.name)));
    },
    stop: async () => {
      await connection.close();
      await stop();
    },
  };
}
