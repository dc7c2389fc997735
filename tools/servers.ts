import { access, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { run } from './run.ts';

/** Servers that tests start for themselves, and the Debian packages that bring them. */
const servers = [
  { program: 'redis-server', debian: 'redis-server' },
  { program: 'initdb', debian: 'postgresql' },
] as const;

/** Installs the servers that are missing, where that is possible. Elsewhere the tests say what they miss. */
export async function provideServers(): Promise<void> {
  const found = await Promise.all(servers.map(({ program }) => isThere(program)));
  const missing = servers.filter((_, index) => !found[index]).map(({ debian }) => debian);
  if (missing.length === 0 || process.getuid?.() !== 0 || !(await isThere('apt-get'))) return;
  console.error(`Installing ${missing.join(', ')} for the tests ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], env);
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], env);
}

async function isThere(program: string): Promise<boolean> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => []);
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/sbin',
    ...versions.map((version) => `/usr/lib/postgresql/${version}/bin`),
  ];
  for (const folder of folders) {
    const path = join(folder, program);
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) return true;
  }
  return false;
}
