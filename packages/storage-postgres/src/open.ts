import pg from 'pg';
import type { Backend } from '@omniq/core/storage';
import { Database } from './database.ts';
import { PostgresEventStore } from './event-store.ts';
import { migrate } from './migrations/migrate.ts';
import { serverName, type Location, type Settings } from './options.ts';
import { PostgresRecordStore } from './record-store.ts';
import { PostgresResultStore } from './result-store.ts';
import { PostgresScheduleStore } from './schedule-store.ts';
import { PostgresTaskStore } from './task-store.ts';
import { Wakes } from './wakes.ts';

/** A backend with a pool of its own. */
export function openLocation({ url, settings }: Location): Backend {
  const db = connect({ url, settings });
  return backendOf(db, settings, settings.notify ? { connectionString: settings.listenUrl ?? url } : null);
}

/** A backend on a pool of the user's, which it never ends. */
export function openPool(pool: pg.Pool, settings: Settings): Backend {
  const config = settings.listenUrl === null ? pool.options : { connectionString: settings.listenUrl };
  const server = serverName(pool.options);
  const db = new Database({ ...databaseParts(settings), pool, ownsPool: false, server });
  return backendOf(db, settings, settings.notify ? config : null);
}

/** The database alone, for migrations and checks. */
export function connect({ url, settings }: Location): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: settings.poolSize,
    // The server's own limit would be a startup parameter, which poolers refuse.
    query_timeout: settings.statementTimeoutMs,
    connectionTimeoutMillis: settings.statementTimeoutMs,
    keepAlive: true,
    application_name: 'omniq',
  });
  const { host, hostname, port, pathname } = new URL(url);
  const server = host === '' ? 'localhost' : serverName({ host: hostname, port: Number(port) || 5432 });
  return new Database({ ...databaseParts(settings), pool, ownsPool: true, server: `${server}${pathname}` });
}

function databaseParts({ schema, prepare, lockTimeoutMs }: Settings) {
  return {
    schema,
    prepare,
    lockTimeoutMs,
    prepareSchema: async (database: Database): Promise<void> => void (await migrate(database)),
  };
}

function backendOf(db: Database, { lockTimeoutMs }: Settings, config: pg.ClientConfig | null): Backend {
  const wakes = new Wakes({ config, channel: db.statements.channel });
  // Each store may be closed alone; the connections go with the last one.
  const open = new Set(['tasks', 'results', 'events', 'schedules', 'records']);
  const closeAll = async (): Promise<void> => {
    await wakes.close();
    await db.close();
  };
  const closing = (store: string) => async (): Promise<void> => {
    if (open.delete(store) && open.size === 0) await closeAll();
  };
  return {
    tasks: new PostgresTaskStore({ db, wakes, lockTimeoutMs, close: closing('tasks') }),
    results: new PostgresResultStore(db, closing('results')),
    events: new PostgresEventStore(db, closing('events')),
    schedules: new PostgresScheduleStore(db, closing('schedules')),
    records: new PostgresRecordStore(db, closing('records')),
    close: closeAll,
  };
}
