import { CONTRACT, defineBackend, OmniQError, type Backend, type BackendPlugin } from '@omniq/core/storage';
import { Connection } from './connection.ts';
import { SqliteEventStore } from './event-store.ts';
import { pendingMigrations } from './migrate.ts';
import { SqliteRecordStore } from './record-store.ts';
import { SqliteResultStore } from './result-store.ts';
import { SqliteScheduleStore } from './schedule-store.ts';
import { SqliteTaskStore } from './task-store.ts';
import { readVersion } from './read-version.ts';

export interface SqliteOptions {
  /** `full` (default): durable when an enqueue returns. `normal`: a power cut may take the last commits. */
  readonly synchronous?: 'full' | 'normal';
  /** How long one statement waits for another process, ms; default 5000. */
  readonly busyTimeout?: number;
}

/** Opens a SQLite file, or `:memory:`, with all five stores. Makes the file and its folder if they are not there. */
export async function openSqlite(file: string, options: SqliteOptions = {}): Promise<Backend> {
  const { synchronous = 'full', busyTimeout = 5_000 } = options;
  if (synchronous !== 'full' && synchronous !== 'normal') {
    throw new OmniQError('INVALID_OPTION', `synchronous is ${String(synchronous)}.`, { hint: 'It is full or normal.' });
  }
  const connection = new Connection(file, { synchronous, busyTimeoutMs: busyTimeout });
  return {
    tasks: new SqliteTaskStore(connection),
    results: new SqliteResultStore(connection),
    events: new SqliteEventStore(connection),
    schedules: new SqliteScheduleStore(connection),
    records: new SqliteRecordStore(connection),
    close: async () => connection.close(),
  };
}

/** The `sqlite:` backend. */
export const plugin: BackendPlugin = defineBackend({
  name: 'sqlite',
  schemes: ['sqlite'],
  contract: CONTRACT,
  options: {
    synchronous: { type: 'string', default: 'full', about: '`full`: durable when an enqueue returns. `normal`: a power cut may take the last commits.' },
    busyTimeout: { type: 'duration', default: '5s', about: 'How long one statement waits for another process.' },
  },
  async open(url, options) {
    const { file, query } = parseUrl(url);
    return openSqlite(file, { ...query, ...(options as SqliteOptions) });
  },
  async migrate(url, options, mode) {
    const { file, query } = parseUrl(url);
    if (mode === 'status') return readVersion(file, pendingMigrations);
    const before = readVersion(file, pendingMigrations);
    await (await openSqlite(file, { ...query, ...(options as SqliteOptions) })).close();
    return before;
  },
});

/** `sqlite:./jobs.db`, `sqlite:/abs/jobs.db`, `sqlite:///abs/jobs.db`, `sqlite::memory:`, each with `?option=value`. */
function parseUrl(url: string): { file: string; query: SqliteOptions } {
  const [path = '', search = ''] = url.replace(/^sqlite:/i, '').split('?', 2);
  const file = decodeURIComponent(path.replace(/^\/\/(?=\/|\.|:memory:)/, ''));
  if (file === '' || file.startsWith('//')) {
    throw new OmniQError('INVALID_OPTION', `The URL ${url} names no file.`, { hint: 'Write sqlite:./jobs.db or sqlite:/abs/jobs.db.' });
  }
  const { synchronous, busyTimeout } = Object.fromEntries(new URLSearchParams(search));
  return {
    file,
    query: {
      ...(synchronous === undefined ? {} : { synchronous: synchronous as 'full' }),
      ...(busyTimeout === undefined ? {} : { busyTimeout: Number(busyTimeout) }),
    },
  };
}
