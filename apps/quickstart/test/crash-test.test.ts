import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';

// Processes are started and killed, on machines that may have other things to do.
vi.setConfig({ testTimeout: 120_000 });

const program = resolve(import.meta.dirname, '../src/crash-test.ts');

test.each(['sqlite', 'file'])('kills, goes on, compares, and says how it went, on %s', async (store) => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    program,
    '--store',
    store,
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
  const [, acked, violations] = /histories: (\d+) tasks acknowledged, .*, (\d+) violations/.exec(stdout) ?? [];
  // 300 files make 41 tasks; a kill may have kept the news of the last one from its producer.
  expect(Number(acked)).toBeGreaterThanOrEqual(40 * Number(runs));
  expect(violations).toBe('0');
});
