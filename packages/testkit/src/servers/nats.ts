import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask } from './ask.ts';
import { findProgram } from './find-program.ts';
import { freePort } from './free-port.ts';
import { MissingServer } from './missing-server.ts';
import { programVersion } from './program-version.ts';
import { startServer, type Server } from './server.ts';

/** A private NATS server with JetStream in files of its own. @throws MissingServer where none is installed */
export async function startNats(): Promise<Server> {
  const program = await findProgram('nats-server');
  if (program === undefined) throw new MissingServer('NATS', 'apt-get install nats-server');
  const folder = await mkdtemp(join(tmpdir(), 'omniq-nats-'));
  const port = await freePort();
  return startServer({
    command: [program, '--addr', '127.0.0.1', '--port', `${port}`, '--jetstream', '--store_dir', folder],
    folder,
    url: `nats://127.0.0.1:${port}`,
    version: await programVersion(program),
    settings: 'JetStream on file, 1 replica, sync_interval=2m',
    isUp: async () => (await ask(port, '')).toString().startsWith('INFO'),
    stopSignal: 'SIGTERM',
  });
}
