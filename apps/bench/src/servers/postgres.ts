import { execFile } from 'node:child_process';
import { chown, mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { findProgram } from './find-program.ts';
import { MissingServer } from './missing-server.ts';
import { freePort, startServer, type Server } from './server.ts';

const run = promisify(execFile);
const debianFolder = '/usr/lib/postgresql';
const settings = 'fsync=on synchronous_commit=on shared_buffers=512MB max_wal_size=8GB';

/** A private PostgreSQL with full durability; throws {@link MissingServer} where none is installed. */
export async function startPostgres(): Promise<Server> {
  const bin = await binFolder();
  const folder = await mkdtemp(join(tmpdir(), 'bench-postgres-'));
  const become = await asOrdinaryUser(folder);
  const init = ['-D', folder, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  await execute([...become, join(bin, 'initdb'), ...init], folder);
  const port = await freePort();
  const options = [...settings.split(' '), 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`];
  const server = [join(bin, 'postgres'), '-D', folder, '-p', `${port}`];
  const url = `postgres://bench@127.0.0.1:${port}/postgres`;
  return startServer({
    command: [...become, ...server, ...options.flatMap((option) => ['-c', option])],
    folder,
    url,
    settings,
    answer: () => serverVersion(url),
    stopSignal: 'SIGINT', // Fast shutdown: open connections do not hold it up.
  });
}

async function binFolder(): Promise<string> {
  const versions = await readdir(debianFolder).catch(() => [] as string[]);
  versions.sort((a, b) => Number(b) - Number(a));
  const initdb = await findProgram(
    'initdb',
    versions.map((version) => join(debianFolder, version, 'bin')),
  );
  if (initdb === undefined) throw new MissingServer('PostgreSQL', 'apt-get install postgresql');
  return join(initdb, '..');
}

/** PostgreSQL refuses to run as root: there it becomes the user that its package made. */
async function asOrdinaryUser(folder: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  const { stdout } = await run('id', ['-u', 'postgres']);
  await chown(folder, Number(stdout), -1);
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', '--'];
}

async function execute([program = '', ...args]: string[], cwd: string): Promise<void> {
  await run(program, args, { cwd });
}

async function serverVersion(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version ?? 'unknown';
  } finally {
    await client.end();
  }
}
