import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readOptions, UsageError } from '../src/options.ts';
import { tempFolder } from './temp-folder.ts';

test('without a word it indexes the installed packages through SQLite in the checkout', () => {
  const options = readOptions([]);
  expect(options).toMatchObject({ fresh: false, json: false, verbose: false });
  expect(options?.folder).toMatch(/node_modules$/);
  expect(options?.storage).toBe(`sqlite:${options?.own}`);
  expect(options?.own).toMatch(/\.omniq.quickstart\.db$/);
});

test('help comes before anything else, and the dashes that pnpm passes on are taken off', () => {
  expect(readOptions(['--help'])).toBeNull();
  expect(readOptions(['--', '--json', tempFolder()])).toMatchObject({ json: true });
});

test('the folder of a database is made, and the database known by its real path', () => {
  const folder = tempFolder();
  const options = readOptions([folder, '--storage', `sqlite:${folder}/new/deep/q.db?x=1`]);
  expect(options?.own).toBe(join(folder, 'new/deep/q.db'));
  expect(existsSync(join(folder, 'new/deep'))).toBe(true);
  expect(readOptions([folder, '--storage', `sqlite:${folder}/50%25 off.db`])?.own).toBe(join(folder, '50% off.db'));
  expect(readOptions([folder, '--storage', 'sqlite::memory:'])?.own).toBeUndefined();
  expect(readOptions([folder, '--storage', 'memory'])).toMatchObject({ storage: 'memory:', own: undefined });
});

test.each([
  [['/nowhere/at/all'], 'There is no folder /nowhere/at/all.'],
  [[import.meta.filename], 'is not a folder'],
  [['.', '..'], 'One folder at a time, not 2.'],
  [['--storage', 'sqlight'], '--storage is "sqlight"; expected memory, sqlite:PATH or a URL.'],
  [['--storage', 'sqlite:50%.db'], '--storage has a broken escape in "50%.db"'],
  [['--batch', '0'], '--batch is "0"; expected a whole number from 1 to 256.'],
  [['--concurrency', 'many'], '--concurrency is "many"'],
  [['--colour'], "Unknown option '--colour'"],
])('%j is refused with a sentence', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
  expect(() => readOptions(args)).toThrow(UsageError);
});
