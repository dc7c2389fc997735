import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './published.ts';

/** Runs these files with the reporter, in a process of its own. */
function closing(files: Readonly<Record<string, string>>): {
  readonly line: string | undefined;
  readonly code: number;
} {
  const folder = mkdtempSync(join(tmpdir(), 'omniq-count-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.test.js`), text);
    // Named first, so that the other one has its say after it.
    const reporters = [`--reporter=${join(root, 'tools/count-reporter.ts')}`, '--reporter=default'];
    const options = ['run', '--globals', '--root', folder, ...reporters];
    // Without what the outer Vitest says to its children.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
    const { stdout, status } = spawnSync('vitest', options, { cwd: folder, env, encoding: 'utf8' });
    return { line: stdout.trimEnd().split('\n').at(-1), code: status ?? -1 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const passes = "test('passes', () => {});";

test.each<[what: string, files: Record<string, string>, line: string, code: number]>([
  ['a good run', { a: passes, b: `${passes} test.skip('later', () => {});` }, '2 passed, 0 failed, 1 skipped', 0],
  ['a failing test', { a: `${passes} test('fails', () => expect(1).toBe(2));` }, '1 passed, 1 failed, 0 skipped', 1],
  ['a file that cannot be loaded', { a: passes, b: "throw new Error('no');" }, '1 passed, 1 failed, 0 skipped', 1],
  ['a rejection that nobody handles', { a: `${passes} Promise.reject(new Error('no'));` }, '1 passed, 1 failed', 1],
  ['a failing afterAll', { a: `${passes} afterAll(() => { throw new Error('no'); });` }, '1 passed, 1 failed', 1],
  [
    'a failing afterAll of a suite',
    { a: `describe('suite', () => { ${passes} afterAll(() => { throw new Error('no'); }); });` },
    '1 passed, 1 failed, 0 skipped',
    1,
  ],
  ['a test that exits', { a: "test('exits', () => process.exit(0));" }, '0 passed, 1 failed, 0 skipped', 1],
  // The death itself, the test that caused it and the one that never ran.
  [
    'a test that kills its process',
    { a: `test('dies', () => process.kill(process.pid, 'SIGKILL') && new Promise(() => {})); ${passes}` },
    '0 passed, 3 failed, 0 skipped',
    1,
  ],
])('the last line counts %s', (_what, files, line, code) => {
  const closed = closing(files);
  expect(closed.line).toMatch(/^\d+ passed, \d+ failed, \d+ skipped$/);
  expect(closed.line).toContain(line);
  expect(closed.line?.includes(' 0 failed')).toBe(code === 0);
  expect(closed.code).toBe(code);
});
