import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findProgram } from './find-program.ts';
import { MissingServer } from './missing-server.ts';
import { freePort, startServer, type Server } from './server.ts';

/** A private Redis without persistence; throws {@link MissingServer} where none is installed. */
export async function startRedis(): Promise<Server> {
  const program = (await findProgram('redis-server')) ?? (await findProgram('valkey-server'));
  if (program === undefined) throw new MissingServer('Redis', 'apt-get install redis-server');
  const folder = await mkdtemp(join(tmpdir(), 'bench-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  return startServer({
    command: [program, ...args],
    folder,
    url,
    settings: 'appendonly=no save=""',
    answer: () => serverVersion(url),
    stopSignal: 'SIGTERM',
  });
}

async function serverVersion(url: string): Promise<string> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => undefined); // The refusal reaches the caller through connect().
  try {
    await client.connect();
    const info = await client.info('server');
    return /(?:redis|valkey)_version:(\S+)/.exec(info)?.[1] ?? 'unknown';
  } finally {
    client.disconnect();
  }
}
