import { defineBackend } from '@omniq/core/storage';
import { describe, expect, test } from 'vitest';
import type { ConfigSources } from '../../src/config/resolved-config.ts';
import { resolve, problemsOf } from './resolving.ts';

type Given = ConfigSources & { readonly yaml?: string };

async function urls(sources: Given): Promise<Record<string, string>> {
  const { stores } = (await resolve(sources)).settings;
  return Object.fromEntries(
    Object.entries(stores).map(([name, target]) => [name, 'url' in target ? target.url : 'open']),
  );
}

const kinds = ['tasks', 'results', 'events', 'schedules', 'outbox'];
const all = (url: string): Record<string, string> => Object.fromEntries(kinds.map((kind) => [kind, url]));

describe('which store is where', () => {
  test.each<readonly [string, Given, Record<string, string>]>([
    ['memory without a word', {}, all('memory:')],
    ['one URL is for everything', { code: 'sqlite:./jobs.db' }, all('sqlite:./jobs.db')],
    ['the others follow the tasks', { code: { tasks: 'redis://h' } }, all('redis://h')],
    [
      'storage is for those not named',
      { code: { storage: 'sqlite:a.db', tasks: 'redis://h' } },
      { ...all('sqlite:a.db'), tasks: 'redis://h', outbox: 'redis://h' },
    ],
    [
      'an outbox is where it is said to be, else with the tasks',
      { code: { storage: 'sqlite:a.db', tasks: 'redis://h', outbox: 'postgres://p' } },
      { ...all('sqlite:a.db'), tasks: 'redis://h', outbox: 'postgres://p' },
    ],
    [
      'each by itself',
      { code: { tasks: 'redis://h', results: 's3://b', events: 'sqlite:e.db', schedules: 'nats://n' } },
      { ...all('redis://h'), results: 's3://b', events: 'sqlite:e.db', schedules: 'nats://n' },
    ],
    [
      'storage from code beats tasks from the environment',
      { code: 'memory:', env: { OMNIQ_TASK_STORAGE_URL: 'redis://h' } },
      all('memory:'),
    ],
    [
      'events with a level and no place follow',
      { yaml: 'tasks: sqlite:a.db\nevents: { level: INFO }' },
      all('sqlite:a.db'),
    ],
    [
      'events with a level and a place',
      { yaml: 'events: { level: INFO, url: "sqlite:e.db" }' },
      { ...all('memory:'), events: 'sqlite:e.db' },
    ],
    [
      'a type with a folder',
      { code: { storage: { type: 'sqlite', baseDir: './data/' } } },
      all('sqlite:./data/omniq.db'),
    ],
    ['backend and base_dir', { yaml: 'backend: file\nbase_dir: /srv/queue\n' }, all('file:/srv/queue')],
    ['backend alone', { code: { backend: 'sqlite' } as never }, all('sqlite:./omniq_data/omniq.db')],
    ['one word', { code: 'memory' }, all('memory:')],
    [
      'a type completes a URL without a scheme',
      { env: { OMNIQ_STORAGE_TYPE: 'sqlite', OMNIQ_STORAGE_URL: './jobs.db' } },
      all('sqlite:./jobs.db'),
    ],
    [
      'a Windows path has no scheme',
      { env: { OMNIQ_STORAGE_TYPE: 'SQLite', OMNIQ_STORAGE_URL: 'C:\\jobs.db' } },
      all('sqlite:C:\\jobs.db'),
    ],
    [
      'postgres is postgresql',
      { env: { OMNIQ_STORAGE_TYPE: 'postgres', OMNIQ_STORAGE_URL: 'postgresql://h/d' } },
      all('postgresql://h/d'),
    ],
    [
      'a type of a third party beside its URL',
      { code: { storage: { type: 'mysql', url: 'mariadb://h' } } },
      all('mariadb://h'),
    ],
    [
      'a type keeps the URL that a file gives',
      { yaml: 'storage: postgres://h/d', env: { OMNIQ_STORAGE_TYPE: 'postgres' } },
      all('postgres://h/d'),
    ],
    [
      'the object store serves type file',
      { env: { OMNIQ_TASK_STORAGE_TYPE: 'file', OMNIQ_OBSTORE_URI: 's3://b' } },
      all('s3://b'),
    ],
    [
      'and not a file store with a place',
      { env: { OMNIQ_TASK_STORAGE_URL: 'file:/d', OMNIQ_OBJECT_STORE_URI: 's3://b' } },
      all('file:/d'),
    ],
  ])('%s', async (_name, sources, expected) => {
    expect(await urls(sources)).toEqual(expected);
  });

  test('options stay with their URL', async () => {
    const { settings } = await resolve({ yaml: 'tasks: { url: "redis://h", pool_size: 4, busyTimeout: 5 }' });
    expect(settings.stores.results).toEqual({
      url: 'redis://h',
      options: { poolSize: 4, busyTimeout: 5 },
      bareNumber: 's',
    });
  });

  test('code may give a plugin or an open backend', async () => {
    const backend = { records: {} as never, close: () => Promise.resolve() };
    const plugin = defineBackend({
      name: 'mine',
      schemes: ['mine'],
      contract: 1,
      options: {},
      open: () => Promise.resolve(backend),
    });
    const { settings } = await resolve({
      code: { tasks: plugin, results: { plugin, url: 'other://x' }, events: backend },
    });
    expect(settings.stores).toMatchObject({
      tasks: { url: 'mine:', plugin },
      results: { url: 'other://x', plugin },
      events: { backend },
    });
  });

  test('memory that nobody asked for is told', async () => {
    const notice =
      "No store is configured: tasks are kept in memory and nothing outlives this process. Name one, such as 'sqlite:./jobs.db'.";
    expect((await resolve()).warnings).toEqual([notice]);
    expect((await resolve({ code: 'memory:' })).warnings).toEqual([]);
  });

  test('an object store that nothing uses is told', async () => {
    const { warnings } = await resolve({ code: 'memory:', env: { OMNIQ_OBSTORE_URI: 's3://b' } });
    expect(warnings).toEqual([
      'OMNIQ_OBJECT_STORE_URI is set, but no store has the type file without a URL of its own, so it is not used.',
    ]);
  });

  test.each<readonly [string, Given, string]>([
    [
      'a type and a URL that disagree',
      { env: { OMNIQ_TASK_STORAGE_TYPE: 'redis', OMNIQ_TASK_STORAGE_URL: 'postgres://me:hunter2@h/d' } },
      "OMNIQ_TASK_STORAGE_TYPE is 'redis' and OMNIQ_TASK_STORAGE_URL is a URL of postgres:, which disagree",
    ],
    [
      'the same in a file',
      { yaml: 'results:\n  type: sqlite\n  url: redis://h' },
      "omniq.yaml:1 `results` has the type 'sqlite' and a URL of redis:, which disagree",
    ],
    [
      'a type that needs a place',
      { env: { OMNIQ_TASK_STORAGE_TYPE: 'postgres' } },
      'OMNIQ_TASK_STORAGE_TYPE names postgres but not where it is; give OMNIQ_TASK_STORAGE_URL, such as postgres://user@localhost:5432/database',
    ],
    [
      'an unknown type',
      { env: { OMNIQ_EVENT_STORAGE_TYPE: 'postgress' } },
      "OMNIQ_EVENT_STORAGE_TYPE has the type 'postgress'; expected memory, file, sqlite, postgres, redis, nats, s3, azure, gcs; did you mean postgres?",
    ],
    [
      'a path without a scheme',
      { code: './jobs.db' },
      "`storage` is './jobs.db', which has no scheme; expected a URL such as 'sqlite:./jobs.db', 'postgres://user@host/database' or 'redis://host:6379'",
    ],
    [
      'a number',
      { code: { tasks: 5 as never } },
      "`tasks` is 5; expected a URL such as 'sqlite:./jobs.db', 'postgres://user@host/database' or 'redis://host:6379'",
    ],
    [
      'an object without a place',
      { code: { tasks: { pool: 5 } } },
      "`tasks` names no backend; expected a URL such as 'sqlite:./jobs.db', 'postgres://user@host/database' or 'redis://host:6379'",
    ],
    [
      'a folder for a server',
      { code: { tasks: { type: 'redis', baseDir: '/d' } } },
      '`tasks` has a baseDir, which only the types file and sqlite take',
    ],
    [
      'a folder and a URL',
      { code: { tasks: { url: 'file:/d', baseDir: '/d' } } },
      '`tasks` has both a url and a baseDir; give one',
    ],
    [
      'a plugin from a file',
      { yaml: 'tasks: { url: "x://y", plugin: evil }' },
      "omniq.yaml:1 `tasks` has a plugin that is 'evil'; expected a plugin object, from code",
    ],
    [
      'storage and backend',
      { yaml: 'storage: memory\nbackend: sqlite' },
      'omniq.yaml:2 `backend` is given twice: `storage` says the same',
    ],
    [
      'two object stores',
      { env: { OMNIQ_OBSTORE_URI: 's3://a', OMNIQ_OBJECT_STORE_URI: 's3://b' } },
      'OMNIQ_OBSTORE_URI and OMNIQ_OBJECT_STORE_URI say different things; keep OMNIQ_OBJECT_STORE_URI',
    ],
    ['control characters', { code: 'sqlite:./a\nb.db' }, '`storage` has a URL with control characters'],
    [
      'an array',
      { code: { storage: ['sqlite:a.db'] as never } },
      "`storage` is a list; expected a URL such as 'sqlite:./jobs.db', 'postgres://user@host/database' or 'redis://host:6379'",
    ],
  ])('%s is a problem', async (_name, sources, message) => {
    expect(await problemsOf(sources)).toEqual([message]);
  });
});
