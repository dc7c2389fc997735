import { access, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { run } from './run.ts';

/** Servers that tests start for themselves, and the Debian packages that bring them. */
const servers = [
  { programs: ['redis-server', 'valkey-server'], debian: 'redis-server' },
  { programs: ['initdb'], debian: 'postgresql' },
  { programs: ['nats-server'], debian: 'nats-server' },
  { programs: ['pgbouncer'], debian: 'pgbouncer' },
] as const;

// Another installation may hold the lock; services of the packages stay down, every test starts its own server.
const apt = ['-qq', '-o', 'DPkg::Lock::Timeout=120'];
const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };

/**
 * Installs the servers that are missing, where that is possible: on Debian as root. Elsewhere the tests that need one
 * are skipped with the command that installs it, and fail under `CI=true`. Runs before the first test with a server.
 */
export default async function provideServers(): Promise<void> {
  const found = await Promise.all(servers.map(({ programs }) => isThere(programs)));
  const missing = servers.filter((_, index) => !found[index]).map(({ debian }) => debian);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !(await isThere(['apt-get']))) {
    const command =
      process.platform === 'darwin'
        ? 'brew install redis postgresql nats-server pgbouncer'
        : `sudo apt-get install ${missing.join(' ')}`;
    console.error(`Not everything is there that tests need. Install it with: ${command}`);
    return;
  }
  console.error(`Installing ${missing.join(' and ')} for the tests ...`);
  await run('apt-get', ['update', ...apt], env, 'ignore');
  const code = await run('apt-get', ['install', '-y', '--no-install-recommends', ...apt, ...missing], env, 'ignore');
  if (code !== 0) console.error(`apt-get install ${missing.join(' ')} ended with ${code}; see why by running it.`);
}

async function isThere(programs: readonly string[]): Promise<boolean> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => []);
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/sbin',
    ...versions.map((version) => `/usr/lib/postgresql/${version}/bin`),
  ];
  const paths = folders.flatMap((folder) => programs.map((program) => join(folder, program)));
  const there = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return there.includes(true);
}
