import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('mutants/main.ts', import.meta.url));

test('the conformance suite catches every bug that is put into the store', { timeout: 300_000 }, () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [main], { encoding: 'utf8' });
  console.log(stdout.trim().split('\n').at(-1));
  expect({ status, survived: stdout.match(/^(?:survived|crashed): .*/gm), stderr }).toEqual({
    status: 0,
    survived: null,
    stderr: '',
  });
  expect(stdout).toMatch(/killed (\d+) of \1\n$/);
});
