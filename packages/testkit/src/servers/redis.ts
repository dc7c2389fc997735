import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
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

/**
 * A private Redis, or Valkey: the program that `OMNIQ_TEST_REDIS` names, by its path or as it is called in `PATH`, else
 * whichever is installed. @throws MissingServer where none is
 */
export async function startRedis({ settings = {} }: RedisOptions = {}): Promise<Server> {
  const named = process.env['OMNIQ_TEST_REDIS'];
  const program =
    named === undefined
      ? ((await findProgram('redis-server')) ?? (await findProgram('valkey-server')))
      : await findProgram(basename(named), [dirname(named)]);
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
