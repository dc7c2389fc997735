import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '../../packages/core/src/storage/index.ts';
import file from '../../packages/storage-file/src/index.ts';
import memory from '../../packages/storage-memory/src/index.ts';
import postgres from '../../packages/storage-postgres/src/index.ts';
import { beginOn as beginOnPostgres } from '../../packages/storage-postgres/test/stores.ts';
import redis from '../../packages/storage-redis/src/index.ts';
import sqlite from '../../packages/storage-sqlite/src/index.ts';
import { beginOn as beginOnSqlite } from '../../packages/storage-sqlite/test/begin-on.ts';
import { startPostgres, startRedis, startRedisCluster } from '../../packages/testkit/src/servers/index.ts';
import type { Opened } from '../../packages/testkit/src/storage/index.ts';
import provideServers from '../servers.ts';

/** A backend with fresh data each time it is opened. */
export interface Subject {
  readonly name: string;
  readonly open: () => Promise<Opened>;
  /** Takes down what it stood on. */
  readonly close: () => Promise<void>;
}

type Prepare = (name: string) => Promise<Subject>;

let opened = 0;
const next = (): number => (opened += 1);

const inMemory: Prepare = async (name) => ({
  name,
  open: () => again((url) => memory.open(url, {}), `memory://matrix-${next()}`),
  close: async () => {},
});

const inFolder =
  (open: (place: string) => Promise<Opened>): Prepare =>
  async (name) => {
    const folder = await mkdtemp(join(tmpdir(), 'omniq-matrix-'));
    return {
      name,
      open: () => open(join(folder, String(next()))),
      close: () => rm(folder, { recursive: true, force: true }),
    };
  };

const onPostgres =
  (version: '15' | '18'): Prepare =>
  async (name) => {
    const server = await startPostgres({ version });
    const open = async (): Promise<Opened> => {
      const url = `${server.url}?schema=matrix_${next()}`;
      return { ...(await again((each) => postgres.open(each, {}), url)), begin: () => beginOnPostgres(server.url) };
    };
    return { name, open, close: server.stop };
  };

const onRedis =
  (start: () => Promise<{ readonly url: string; readonly stop: () => Promise<void> }>, cluster: boolean): Prepare =>
  async (name) => {
    const server = await start();
    const open = (): Promise<Opened> => {
      const options = { cluster, namespace: `matrix ${next()}` };
      return again((url) => redis.open(url, options), server.url);
    };
    return { name, open, close: server.stop };
  };

const all: Readonly<Record<string, Prepare>> = {
  memory: inMemory,
  file: inFolder((place) => again((url) => file.open(url, {}), `file:${place}`)),
  sqlite: inFolder(async (place) => {
    const path = `${place}.db`;
    return {
      ...(await again((url) => sqlite.open(url, {}), `sqlite:${path}`)),
      begin: async () => beginOnSqlite(path),
    };
  }),
  'postgres 15': onPostgres('15'),
  'postgres 18': onPostgres('18'),
  redis: onRedis(() => startRedis(), false),
  'redis cluster': onRedis(() => startRedisCluster({ masters: 2 }), true),
};

/** Every backend, one after the other: each is closed before the next is opened. */
export async function* subjects(): AsyncGenerator<Subject> {
  await provideServers();
  for (const [name, prepare] of Object.entries(all)) {
    const subject = await prepare(name);
    try {
      yield subject;
    } finally {
      await subject.close();
    }
  }
}

async function again(open: (url: string) => Promise<Backend>, url: string): Promise<Opened> {
  return { ...(await open(url)), again: () => open(url) };
}
