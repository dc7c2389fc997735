import { isOmniQError } from '@omniq/core';
import { describe, expect, test } from 'vitest';
import { findPlugin } from '../../src/backends/find-plugin.ts';
import { tempFolder } from '../config/temp-folder.ts';
import { installed, thirdParty } from './plugins.ts';

async function failure(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await work.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  if (!isOmniQError(error)) throw error;
  return { code: error.code, message: error.message };
}

describe('which plugin opens a URL', () => {
  test('a built-in one by its scheme, from our own packages where the application has none', async () => {
    expect((await findPlugin('memory:', { from: tempFolder() })).name).toBe('memory');
    expect((await findPlugin('MEMORY://', { from: tempFolder() })).name).toBe('memory');
  });

  test('the application’s own copy comes first', async () => {
    const from = tempFolder(installed('@omniq/storage-memory', 'memory'));
    expect((await findPlugin('memory:', { from })).name).toBe('@omniq/storage-memory');
  });

  test('a given plugin wins over a built-in one', async () => {
    const { plugin } = thirdParty('mine', ['memory']);
    expect(await findPlugin('memory:', { plugins: [plugin] })).toBe(plugin);
  });

  test('a package that is named is imported from the application', async () => {
    const from = tempFolder(installed('omniq-storage-mysql', 'mysql'));
    expect((await findPlugin('mysql://h/d', { plugins: ['omniq-storage-mysql'], from })).name).toBe(
      'omniq-storage-mysql',
    );
  });

  test('so is a file of the application', async () => {
    const from = tempFolder({
      'storage/mine.ts':
        "export default { name: 'mine', schemes: ['mine'], contract: 1 as number, options: {}, open: async () => ({ close: async () => {} }) };",
    });
    expect((await findPlugin('mine:', { plugins: ['./storage/mine.ts'], from })).name).toBe('mine');
  });

  test('a URL never chooses code: an installed package that is not named stays out', async () => {
    const from = tempFolder({ ...installed('@omniq/storage-mysql', 'mysql'), ...installed('mysql', 'mysql') });
    expect(await failure(findPlugin('mysql://h/d', { from }))).toMatchObject({ code: 'BACKEND_UNKNOWN' });
  });
});

describe('errors teach', () => {
  test('an unknown scheme', async () => {
    const { plugin } = thirdParty('mysql', ['mysql']);
    expect(await failure(findPlugin('postgre://me:hunter2@h/d', { plugins: [plugin] }))).toEqual({
      code: 'BACKEND_UNKNOWN',
      message:
        'No backend opens postgre: URLs. Did you mean postgres:? Known: mysql: memory: file: sqlite: postgres: postgresql: redis: rediss: nats: s3: azure: gs: gcs:. ' +
        "For a backend of a third party, name its package: plugins: ['omniq-storage-…'] or OMNIQ_PLUGINS.",
    });
  });

  test('no scheme at all', async () => {
    expect((await failure(findPlugin('./jobs.db'))).message).toMatch(
      /^'\.\/jobs\.db' is not a URL with a scheme\. Known: memory:/u,
    );
  });

  test.each([
    ['pnpm-lock.yaml', 'pnpm add'],
    ['yarn.lock', 'yarn add'],
    ['bun.lock', 'bun add'],
    ['package-lock.json', 'npm install'],
  ])('a missing package names the command of the tool that owns %s', async (lockfile, command) => {
    const from = tempFolder({ [lockfile]: '', 'app/package.json': '{}' });
    const { code, message } = await withUserAgent('', () => failure(findPlugin('azure://c', { from: `${from}/app` })));
    expect(code).toBe('BACKEND_MISSING');
    expect(message).toBe(
      `azure: URLs need the package @omniq/storage-azure, which is not installed. Install it: ${command} @omniq/storage-azure`,
    );
  });

  test('the tool that runs the process is asked before the lockfile', async () => {
    const from = tempFolder({ 'yarn.lock': '' });
    const { message } = await withUserAgent('bun/1.3.0 npm/? node/v24.0.0', () =>
      failure(findPlugin('omq:', { plugins: ['omniq-storage-omq'], from })),
    );
    expect(message).toBe('The backend omniq-storage-omq is not installed. Install it: bun add omniq-storage-omq');
  });

  test('a file that is not there', async () => {
    const from = tempFolder();
    expect((await failure(findPlugin('x:y', { plugins: ['./x.ts'], from }))).message).toBe(
      `The backend ./x.ts is not installed. There is no such file in ${from}.`,
    );
  });

  test('a contract of another version names both', async () => {
    const from = tempFolder({ ...installed('older', 'old', 0), ...installed('newer', 'new', 7) });
    expect(await failure(findPlugin('old:', { plugins: ['older'], from }))).toEqual({
      code: 'CONTRACT_MISMATCH',
      message:
        'The backend older is written for version 0 of the storage contract, and this is version 1. Install a newer version of older.',
    });
    expect((await failure(findPlugin('new:', { plugins: ['newer'], from }))).message).toBe(
      'The backend newer is written for version 7 of the storage contract, and this is version 1. Install a newer version of @omniq/core.',
    );
  });

  test('a package that is no plugin', async () => {
    const from = tempFolder({ 'p.mjs': 'export const backend = 1;' });
    expect(await failure(findPlugin('p:', { plugins: ['./p.mjs'], from }))).toEqual({
      code: 'BACKEND_UNKNOWN',
      message:
        './p.mjs has no backend as its default export. A plugin is `export default defineBackend({ name, schemes, contract, options, open })`.',
    });
  });

  test('a plugin that does not load says why, and not that it is missing', async () => {
    const from = tempFolder({ 'p.mjs': "import 'a-driver-that-is-not-there';" });
    expect((await failure(findPlugin('p:', { plugins: ['./p.mjs'], from }))).message).toMatch(
      /^The backend \.\/p\.mjs is there but does not load: Cannot find package 'a-driver-that-is-not-there'/u,
    );
  });
});

async function withUserAgent<T>(agent: string, work: () => Promise<T>): Promise<T> {
  const before = process.env['npm_config_user_agent'];
  process.env['npm_config_user_agent'] = agent;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env['npm_config_user_agent'];
    else process.env['npm_config_user_agent'] = before;
  }
}
