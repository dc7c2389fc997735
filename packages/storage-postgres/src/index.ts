import type pg from 'pg';
import { CONTRACT, defineBackend, type Backend, type BackendPlugin } from '@omniq/core/storage';
import { inspect } from './inspect.ts';
import { migrate, pending } from './migrations/migrate.ts';
import { locate, readSettings, type PostgresOptions } from './options.ts';
import { connect, openLocation, openPool } from './open.ts';

export type { PostgresOptions } from './options.ts';
export type { PostgresTransaction } from './transactions.ts';

/** A URL, or a pool of the application's own, which is used and never ended. */
export type PostgresSource = { readonly url: string } | { readonly pool: pg.Pool };

/**
 * Opens a backend. The server is first asked at the first use, which also brings the schema up to date.
 *
 * @example
 * const backend = postgres({ url: 'postgres://localhost/app', schema: 'jobs' });
 * const backend = postgres({ pool: new pg.Pool() });
 *
 * @throws OmniQError `INVALID_OPTION`
 */
export function postgres(given: PostgresSource & PostgresOptions): Backend {
  if ('pool' in given) {
    const { pool, ...options } = given;
    return openPool(pool, readSettings({ ...options }));
  }
  const { url, ...options } = given;
  return openLocation(locate(url, { ...options }));
}

const plugin: BackendPlugin = defineBackend({
  name: 'postgres',
  schemes: ['postgres', 'postgresql'],
  contract: CONTRACT,
  options: {
    schema: { type: 'string', default: 'omniq', about: 'Where the tables live; made if it is missing.' },
    poolSize: { type: 'number', default: 8, about: 'The most connections of this process.' },
    notify: { type: 'boolean', default: true, about: 'Whether idle workers are woken by LISTEN and NOTIFY.' },
    listenUrl: { type: 'string', about: 'A direct URL to listen on, where the other one names a pooler.' },
    prepare: { type: 'boolean', default: true, about: 'Whether statements are prepared by name.' },
    statementTimeout: { type: 'duration', default: '30s', about: 'How long a statement may take.' },
    lockTimeout: { type: 'duration', default: '10s', about: 'How long a transaction waits for a lock.' },
  },
  open: async (url, options) => openLocation(locate(url, options)),
  async inspect(url, options) {
    const location = locate(url, options);
    const { poolSize, notify, listenUrl, prepare } = location.settings;
    const db = connect(location);
    try {
      return await inspect(db, { poolSize, notify, listens: listenUrl !== null, prepare });
    } finally {
      await db.close();
    }
  },
  async migrate(url, options, mode) {
    const db = connect(locate(url, options));
    try {
      return await (mode === 'up' ? migrate(db) : pending(db));
    } finally {
      await db.close();
    }
  },
});

export default plugin;
