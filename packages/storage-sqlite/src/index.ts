import { CONTRACT, defineBackend, type Backend, type BackendPlugin } from '@omniq/core/storage';
import { locate, type SqliteOptions } from './location.ts';
import { migrateFile } from './migrate-file.ts';
import { openBackend } from './open.ts';

export type { SqliteOptions } from './location.ts';

/**
 * Opens a database, given as a URL or a path, and brings its schema up to date.
 *
 * @example
 * const backend = await sqlite('./jobs.db', { synchronous: 'normal' });
 *
 * @throws OmniQError `INVALID_OPTION`, `STORE_UNREACHABLE`, `STORE_BUSY`, `STORE_CORRUPT`, `STORE_VERSION`
 */
export async function sqlite(urlOrPath: string, options: SqliteOptions = {}): Promise<Backend> {
  return openBackend(locate(urlOrPath, { ...options }));
}

const plugin: BackendPlugin = defineBackend({
  name: 'sqlite',
  schemes: ['sqlite'],
  contract: CONTRACT,
  options: {
    synchronous: {
      type: 'string',
      default: 'full',
      about: 'What an acknowledged write survives: full, the loss of power; normal, a crash of the process.',
    },
    busyTimeout: { type: 'duration', default: '5s', about: "How long a call waits for another process's write." },
  },
  open: async (url, options) => openBackend(locate(url, options)),
  migrate: async (url, options, mode) => migrateFile(locate(url, options), mode),
});

export default plugin;
