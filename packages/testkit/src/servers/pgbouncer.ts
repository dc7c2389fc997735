import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './find-program.ts';
import { freePort } from './free-port.ts';
import { MissingServer } from './missing-server.ts';
import { admitsPostgres, asOrdinaryUser, postgresUser } from './postgres.ts';
import { programVersion } from './program-version.ts';
import { startServer, type Server } from './server.ts';

export interface PgBouncerOptions {
  /** The PostgreSQL behind it. */
  readonly url: string;
  /** Default `transaction`: a client has another connection in each transaction. */
  readonly mode?: 'session' | 'transaction' | 'statement';
  /** Connections to the server; default 4. */
  readonly poolSize?: number;
}

/** A private PgBouncer before a private PostgreSQL. @throws MissingServer where none is installed */
export async function startPgBouncer({ url, mode = 'transaction', poolSize = 4 }: PgBouncerOptions): Promise<Server> {
  const program = await findProgram('pgbouncer');
  if (program === undefined) throw new MissingServer('PgBouncer', 'apt-get install pgbouncer');
  const folder = await mkdtemp(join(tmpdir(), 'omniq-pgbouncer-'));
  const become = await asOrdinaryUser(folder);
  const [port, behind] = [await freePort(), new URL(url)];
  const settings = { pool_mode: mode, default_pool_size: poolSize, max_client_conn: 1_000 };
  const place = { listen_addr: '127.0.0.1', listen_port: port, unix_socket_dir: '', auth_type: 'any' };
  const file = join(folder, 'pgbouncer.ini');
  const databases = `postgres = host=${behind.hostname} port=${behind.port} user=${postgresUser} dbname=postgres`;
  await writeFile(file, `[databases]\n${databases}\n[pgbouncer]\n${linesOf({ ...settings, ...place })}\n`);
  await chmod(file, 0o644);
  return startServer({
    command: [...become, program, file],
    folder,
    url: `postgres://${postgresUser}@127.0.0.1:${port}/postgres`,
    version: await programVersion(program),
    settings: linesOf(settings).replaceAll('\n', ' '),
    isUp: () => admitsPostgres(port),
    stopSignal: 'SIGTERM',
  });
}

function linesOf(settings: Readonly<Record<string, unknown>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join('\n');
}
