import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask } from './ask.ts';
import { findProgram } from './find-program.ts';
import { freePort } from './free-port.ts';
import { MissingServer } from './missing-server.ts';
import { programVersion } from './program-version.ts';
import { startServer, type Server } from './server.ts';

export interface RedisOptions {
  /** As in `redis.conf`. Default `{ appendonly: 'no', save: '' }`: nothing survives a kill. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A private Redis, or Valkey. @throws MissingServer where neither is installed */
export async function startRedis({ settings = {} }: RedisOptions = {}): Promise<Server> {
  const program = (await findProgram('redis-server')) ?? (await findProgram('valkey-server'));
  if (program === undefined) throw new MissingServer('Redis', 'apt-get install redis-server');
  const folder = await mkdtemp(join(tmpdir(), 'omniq-redis-'));
  const port = await freePort();
  const told = Object.entries({ appendonly: 'no', save: '', ...settings });
  const place = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder];
  return startServer({
    command: [program, ...place, ...told.flatMap(([name, value]) => [`--${name}`, value])],
    folder,
    url: `redis://127.0.0.1:${port}`,
    version: await programVersion(program),
    settings: told.map(([name, value]) => `${name}=${value || '""'}`).join(' '),
    isUp: async () => (await ask(port, 'PING\r\n')).toString().startsWith('+PONG'),
    stopSignal: 'SIGTERM',
  });
}
