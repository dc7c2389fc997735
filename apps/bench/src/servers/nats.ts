import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { findProgram } from './find-program.ts';
import { MissingServer } from './missing-server.ts';
import { freePort, startServer, type Server } from './server.ts';

/** A private NATS server with JetStream in files of its own; throws {@link MissingServer} where none is installed. */
export async function startNats(): Promise<Server> {
  const program = await findProgram('nats-server');
  if (program === undefined) throw new MissingServer('NATS', 'apt-get install nats-server');
  const folder = await mkdtemp(join(tmpdir(), 'bench-nats-'));
  const port = await freePort();
  const url = `nats://127.0.0.1:${port}`;
  return startServer({
    command: [program, '--addr', '127.0.0.1', '--port', `${port}`, '--jetstream', '--store_dir', folder],
    folder,
    url,
    settings: 'JetStream on file, 1 replica, sync_interval=2m',
    answer: () => serverVersion(url),
    stopSignal: 'SIGTERM',
  });
}

async function serverVersion(url: string): Promise<string> {
  const connection = await connect({ servers: url, reconnect: false, timeout: 1000 });
  const version = connection.info?.version ?? 'unknown';
  await connection.close();
  return version;
}
