import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Meter } from './meter.ts';
import { processTime } from './process-time.ts';

const TRANSACTIONS = 'select xact_commit + xact_rollback n from pg_stat_database where datname = $1';
const WAL = `select pg_current_wal_insert_lsn() - '0/0' n`;
const DEAD = 'select coalesce(sum(n_tup_upd + n_tup_del), 0) n from pg_stat_user_tables';
const CONNECTED = `select count(*) n from pg_stat_activity where datname = $1 and backend_type = 'client backend'`;
const limitMs = 10_000;
const pollMs = 20;

/**
 * Reads what PostgreSQL counts. But for the dead rows, which only the measured database knows, it asks from outside, so
 * that its own transactions are not counted.
 * @param url of the server's own database
 * @param database what is measured
 */
export async function postgresMeter(url: string, database: string, pid: number): Promise<Meter> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const ask = async (text: string, values: string[] = []): Promise<number> => number(await client.query(text, values));
  return {
    read: async () => {
      const cpuMicros = await processTime(pid);
      const [statements, walBytes] = [await ask(TRANSACTIONS, [database]), await ask(WAL)];
      return { ...(cpuMicros !== undefined && { cpuMicros }), statements, walBytes };
    },
    deadRows: () => deadRowsIn(url, database),
    quiet: async () => {
      const deadline = performance.now() + limitMs;
      while ((await ask(CONNECTED, [database])) > 0) {
        if (performance.now() > deadline) throw new Error('Connections stay open after their processes ended.');
        await sleep(pollMs);
      }
    },
    close: () => client.end(),
  };
}

async function deadRowsIn(url: string, database: string): Promise<number> {
  const own = new URL(url);
  own.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: own.href });
  await client.connect();
  try {
    return number(await client.query(DEAD));
  } finally {
    await client.end();
  }
}

function number({ rows }: pg.QueryResult<{ n: string }>): number {
  return Number(rows[0]?.n);
}
