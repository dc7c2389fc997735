import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { systemProcesses } from '../../src/worker/process-identity.ts';

const { self } = systemProcesses;

test('a process that lives is not gone, nor is one of another host', () => {
  expect(systemProcesses.isGone(self)).toBe(false);
  expect(systemProcesses.isGone({ ...self, pid: 4_194_303, host: `${self.host}-other` })).toBe(false);
});

test('a process that has exited is gone', async () => {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  const { pid = 0 } = child;
  await once(child, 'exit');
  expect(systemProcesses.isGone({ ...self, pid })).toBe(true);
});

test.runIf(self.processStart !== 'unknown')('one whose pid another process has now is gone', () => {
  expect(systemProcesses.isGone({ ...self, processStart: '1' })).toBe(true);
  // Who did not know its own start is not told from its successor: the lease decides.
  expect(systemProcesses.isGone({ ...self, processStart: 'unknown' })).toBe(false);
});
