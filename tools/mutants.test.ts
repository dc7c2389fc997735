import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cases } from '../packages/testkit/src/storage/cases.ts';
import { expect, test } from 'vitest';
import { coreMutants } from './mutants/core-mutants.ts';
import { fileMutants } from './mutants/file-mutants.ts';
import { logMutants } from './mutants/log-mutants.ts';
import { postgresMutants } from './mutants/postgres-mutants.ts';
import { redisMutants } from './mutants/redis-mutants.ts';
import { sqliteMutants } from './mutants/sqlite-mutants.ts';
import { root } from './published.ts';

const mutants = [...coreMutants, ...fileMutants, ...logMutants, ...sqliteMutants, ...postgresMutants, ...redisMutants];
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

test('every break has a name of its own, its place in the code once, and tests that are there', () => {
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  const lost = mutants.filter(({ file, find }) => read(file).split(find).length !== 2).map(({ name }) => name);
  const untested = mutants.filter(
    ({ tests }) => tests.length === 0 || !tests.every((each) => existsSync(join(root, each.replace(/#.*$/, '')))),
  );
  expect({ lost, untested }).toEqual({ lost: [], untested: [] });
});

test('the page on hazards quotes cases of the conformance suite that are there', () => {
  const rows = read('docs/hazards.md').match(/^\| \d+ \|.*$/gm) ?? [];
  expect(rows.map((row) => Number(row.split('|')[1]))).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  const quoted = rows.flatMap((row) =>
    [...(row.split('|')[4] ?? '').matchAll(/"([^"]+)"/g)].map(([, title = '']) => title),
  );
  expect(quoted.length).toBeGreaterThan(15);
  expect(quoted.filter((title) => !cases.some((each) => each.title.startsWith(title)))).toEqual([]);
});
