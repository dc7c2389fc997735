import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tortureCommits } from '../src/commit/commit-torture.ts';
import { randomFrom } from '../src/random.ts';

test('no line without its completion, and no completion without its line, wherever a process dies', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'omniq-torture-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const verdict = await tortureCommits(`sqlite:${join(folder, 'app.db')}`, 10, randomFrom(1));
  expect(verdict.violations).toEqual([]);
  expect(verdict.paid).toBeGreaterThan(0);
  expect(verdict.paid + verdict.failed).toBe(verdict.tasks);
});
