import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';

// Processes are started and killed, on machines that may have other things to do.
vi.setConfig({ testTimeout: 120_000 });

const program = resolve(import.meta.dirname, '../src/crash-test.ts');

test('kills, goes on, compares, and says how it went', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    program,
    '--kills',
    '4',
    '--files',
    '300',
    '--seed',
    '7',
  ]);
  expect(stdout).toContain('seed 7, 4 kills');
  const [, runs, identical, of] = /4 kills, (\d+) runs, identical (\d+) of (\d+), repeated/.exec(stdout) ?? [];
  expect(identical).toBe(runs);
  expect(of).toBe(runs);
});
