import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('mutants/main.ts', import.meta.url));

/** Those that show soon; the script without arguments takes its time for all of them. */
const some = [
  'a task that leaves running keeps its deadline',
  'a repeated claim leases more',
  'an edge is released twice',
  'a key of a period is free at once',
  'known ids that come late are late',
  'parents go before their children are released',
  'an end overrules a beat',
  'results end a moment late',
  'a schedule is written over any revision',
  'machine: expired tasks run',
  'machine: a cancel is overruled',
  'race: a state is looked at before it is changed',
  'race: half of a batch is seen before the other',
  'race: a swap is an update and a claim',
];

test('the model-based suite catches bugs that are put into a store', { timeout: 120_000 }, () => {
  const args = [main, '--runs=150', ...some.map((name) => `--only=${name}`)];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  console.log(stdout.trim().split('\n').at(-1));
  expect({ status, survived: stdout.match(/^survived: .*/gm), stderr }).toEqual({
    status: 0,
    survived: null,
    stderr: '',
  });
  expect(stdout).toMatch(new RegExp(`caught ${some.length} of ${some.length}\n$`));
});
