import { startPostgres, startRedis, type Server } from '@omniq/testkit/servers';
import { Redis } from 'ioredis';
import pg from 'pg';
import { FaultProxy } from '../proxy/fault-proxy.ts';

/** A server that is to be tormented. */
export interface Arena {
  readonly backend: string;
  readonly server: Server;
  /** Between the fleet and the server. */
  readonly proxy: FaultProxy;
  /** Where the fleet finds it: through the proxy. */
  readonly url: string;
  /** Cuts the connections of up to so many clients, whichever the server names first. */
  cut(count: number): Promise<void>;
  /** Takes all connections that the server has left, for so long. */
  exhaust(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export async function openArena(backend: string, random: () => number): Promise<Arena> {
  if (backend === 'postgres') return withProxy(await postgresArena(random), random);
  if (backend === 'redis') return withProxy(await redisArena(random), random);
  throw new Error(`--backend is ${backend}; it is postgres or redis.`);
}

type Bare = Omit<Arena, 'proxy' | 'url'>;

async function withProxy(bare: Bare, random: () => number): Promise<Arena> {
  const url = new URL(bare.server.url);
  const proxy = await FaultProxy.open(Number(url.port), random);
  url.port = `${proxy.port}`;
  const stop = async (): Promise<void> => {
    await proxy.close();
    await bare.stop();
  };
  return { ...bare, proxy, url: url.href, stop };
}

const CUT = `
select pg_terminate_backend(pid) from (
  select pid, row_number() over (order by backend_start) - 1 as nth, count(*) over () as clients
  from pg_stat_activity where application_name = 'omniq'
) c where mod(nth + floor($2::float8 * clients)::int8, clients) < $1`;

async function postgresArena(random: () => number): Promise<Bare> {
  const server = await startPostgres({ settings: { max_connections: '100' } });
  const withClient = async (use: (client: pg.Client) => Promise<unknown>): Promise<void> => {
    const client = new pg.Client({ connectionString: server.url });
    client.on('error', () => {}); // It may be killed as well.
    try {
      await client.connect();
      await use(client);
    } catch {
      // The server is down.
    } finally {
      await client.end().catch(() => {});
    }
  };
  return {
    backend: 'postgres',
    server,
    cut: (count) => withClient((client) => client.query(CUT, [count, random()])),
    async exhaust(ms) {
      const holders = Array.from({ length: 100 }, () =>
        withClient(() => new Promise((resolve) => setTimeout(resolve, ms))),
      );
      await Promise.all(holders);
    },
    stop: server.stop,
  };
}

async function redisArena(random: () => number): Promise<Bare> {
  const server = await startRedis({ settings: { appendonly: 'yes', appendfsync: 'always', maxclients: '60' } });
  const connect = (): Redis => {
    const client = new Redis(server.url, { retryStrategy: () => null, maxRetriesPerRequest: 0 });
    client.on('error', () => {}); // The server is down, or takes no more.
    return client;
  };
  return {
    backend: 'redis',
    server,
    async cut(count) {
      const client = connect();
      const list = String(await client.client('LIST').catch(() => ''));
      const ids = [...list.matchAll(/^id=(\d+) /gm)].map(([, id]) => id as string);
      const from = Math.floor(random() * ids.length);
      const chosen = [...ids.slice(from), ...ids.slice(0, from)].slice(0, count);
      for (const id of chosen) await client.call('CLIENT', 'KILL', 'ID', id, 'SKIPME', 'yes').catch(() => {});
      client.disconnect();
    },
    async exhaust(ms) {
      const clients = Array.from({ length: 60 }, connect);
      await new Promise((resolve) => setTimeout(resolve, ms));
      for (const client of clients) client.disconnect();
    },
    stop: server.stop,
  };
}
