import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import {
  startNats,
  startPgBouncer,
  startPostgres,
  startRedis,
  startRedisCluster,
  type Server,
} from '@omniq/testkit/servers';
import { ask } from '../../src/servers/ask.ts';
import { admitsPostgres } from '../../src/servers/postgres.ts';

// Servers of other test files run at the same time.
const folder = await mkdtemp(join(tmpdir(), 'omniq-servers-'));
await chmod(folder, 0o755);
process.env['TMPDIR'] = folder;
afterAll(() => rm(folder, { recursive: true, force: true }));

const recipes = {
  'Postgres 15': () => startPostgres({ version: '15' }),
  'Postgres 18': () => startPostgres({ version: '18' }),
  Redis: () => startRedis({ settings: { appendonly: 'yes', appendfsync: 'always' } }),
  NATS: () => startNats(),
} satisfies Record<string, () => Promise<Server>>;

test.each(Object.entries(recipes))(
  '%s starts, survives a kill on its port, and leaves nothing',
  async (name, start) => {
    const server = await start();
    onTestFinished(() => server.stop());
    expect(server.version).toMatch(/^\d+\.\d+/);
    if (name.startsWith('Postgres')) expect(`Postgres ${Number.parseInt(server.version, 10)}`).toBe(name);
    const { url, pid } = server;
    expect(await isListening(url)).toBe(true);

    await server.kill();
    expect(isRunning(pid)).toBe(false);
    // Children of a server may outlive it for a moment.
    while (await isListening(url)) await new Promise((resolve) => setTimeout(resolve, 10));
    await server.start();
    expect(server).toMatchObject({ url });
    expect(server.pid).not.toBe(pid);
    expect(await isListening(url)).toBe(true);

    await server.stop();
    await server.stop();
    expect(await isListening(url)).toBe(false);
    expect(await readdir(folder)).toEqual([]);
  },
);

test.each(['startPostgres', 'startRedis'])(
  'what %s started is gone with its process, though that is killed',
  async (recipe) => {
    const code = `import * as servers from '@omniq/testkit/servers';
    process.send((await servers.${recipe}()).pid);
    setInterval(() => {}, 1_000);`;
    const file = join(import.meta.dirname, `${recipe}-child.mjs`);
    await writeFile(file, code);
    onTestFinished(() => rm(file));
    const child = fork(file);
    const [pid] = (await once(child, 'message')) as [number];
    expect(isRunning(pid)).toBe(true);
    child.kill('SIGKILL');
    while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
  },
);

test('what Redis wrote to its log is there after a kill', async () => {
  const server = await recipes.Redis();
  onTestFinished(() => server.stop());
  const port = portOf(server.url);
  expect((await ask(port, 'SET a 1\r\n')).toString()).toBe('+OK\r\n');
  await server.kill();
  await server.start();
  expect((await ask(port, 'GET a\r\n')).toString()).toBe('$1\r\n1\r\n');
});

test('PgBouncer lets clients through to the server behind it', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const bouncer = await startPgBouncer({ url: server.url });
  onTestFinished(() => bouncer.stop());
  expect(await admitsPostgres(portOf(bouncer.url))).toBe(true);
  expect(bouncer.settings).toContain('pool_mode=transaction');
});

test('the masters of a Redis cluster share the slots', async () => {
  const cluster = await startRedisCluster({ masters: 2 });
  onTestFinished(() => cluster.stop());
  const [first, second] = cluster.nodes.map(({ url }) => portOf(url)) as [number, number];
  // `a` is in slot 15495, which is the second one's.
  expect((await ask(first, 'SET a 1\r\n')).toString()).toBe(`-MOVED 15495 127.0.0.1:${second}\r\n`);
  expect((await ask(second, 'SET a 1\r\n')).toString()).toBe('+OK\r\n');
});

function portOf(url: string): number {
  return Number(new URL(url).port);
}

function isListening(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(portOf(url), '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
