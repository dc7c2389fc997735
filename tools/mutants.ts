import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { coreMutants } from './mutants/core-mutants.ts';
import { fileMutants } from './mutants/file-mutants.ts';
import { logMutants } from './mutants/log-mutants.ts';
import type { Mutant } from './mutants/mutant.ts';
import { postgresMutants } from './mutants/postgres-mutants.ts';
import { redisMutants } from './mutants/redis-mutants.ts';
import { sqliteMutants } from './mutants/sqlite-mutants.ts';
import { TreeCopy } from './mutants/tree-copy.ts';
import { optionsOf } from './options.ts';
import { root } from './published.ts';

const HELP = `npx -y pnpm@12 mutants [--list] [--only NAME ...]

Takes the rules out of the code one by one, in a copy of the tree, and runs the tests that have to notice. A break that
they let pass is a hole in the tests; one whose place in the code is gone has to be written anew. Either exits with 1.
The last line counts: killed k of n.

  --list       shows the breaks and runs nothing
  --only NAME  those whose name or file contains NAME; may be given several times`;

const mutants = [...coreMutants, ...fileMutants, ...logMutants, ...sqliteMutants, ...postgresMutants, ...redisMutants];

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

type Verdict = { readonly killedBy: string } | { readonly passed: number } | { readonly unclear: string };

/** The tests as they are run all at once, those of a break never many. */
const TIME_MS = { test: 20_000, testWithServer: 60_000, run: 180_000, sound: 1_200_000 };

/** Only a test that fails kills: code that does not even load proves nothing. */
function runTests(folder: string, tests: readonly string[], limitMs = TIME_MS.run): Verdict {
  const output = join(folder, 'mutants-report.json');
  rmSync(output, { force: true });
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--root', folder, '--bail=1', '--reporter=json', `--outputFile=${output}`];
  const run = spawnSync(process.execPath, [...args, ...selectionOf(tests)], {
    cwd: folder,
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  if (run.signal !== null) return { killedBy: 'it never ended' };
  if (!existsSync(output)) return { unclear: String(run.stderr).trim() };
  const { numPassedTests, testResults } = JSON.parse(readFileSync(output, 'utf8')) as Report;
  const failed = testResults.flatMap((file) => file.assertionResults).find(({ status }) => status === 'failed');
  if (failed !== undefined) return { killedBy: failed.fullName };
  if (run.status === 0 && numPassedTests > 0) return { passed: numPassedTests };
  return { unclear: testResults.map(({ message }) => message).join('\n') || 'no test ran' };
}

/** Files, and of them by title what each is named for, if all are. */
function selectionOf(tests: readonly string[]): string[] {
  const parts = tests.map((each) => each.split('#') as [file: string, title?: string]);
  const files = [...new Set(parts.map(([file]) => file))];
  const titles = parts.flatMap(([, title]) => title ?? []);
  const withServer = files.filter((file) => file.endsWith('.services.test.ts')).length;
  const projects = [
    ...(withServer > 0 ? ['--project=services'] : []),
    ...(withServer < files.length ? ['--project=unit'] : []),
  ];
  const limit = `--testTimeout=${withServer > 0 ? TIME_MS.testWithServer : TIME_MS.test}`;
  const only =
    titles.length < tests.length
      ? []
      : ['-t', titles.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')];
  return [...projects, limit, ...only, ...files];
}

function tell({ name, file }: Mutant, verdict: Verdict): void {
  if ('killedBy' in verdict) console.log(`killed    ${name} · ${verdict.killedBy}`);
  else if ('passed' in verdict) console.log(`SURVIVED  ${name} (${file}): ${verdict.passed} tests passed`);
  else console.log(`UNCLEAR   ${name} (${file}): ${verdict.unclear}`);
}

/** Answers with the exit code. */
function killAll(chosen: readonly Mutant[]): number {
  const copy = new TreeCopy();
  try {
    const sound = runTests(copy.folder, [...new Set(chosen.flatMap(({ tests }) => tests))], TIME_MS.sound);
    if (!('passed' in sound)) {
      console.error('The tests fail as it is, so they prove nothing:', sound);
      return 1;
    }
    console.log(`${sound.passed} tests pass as it is`);
    let killed = 0;
    for (const mutant of chosen) {
      const verdict = verdictOn(mutant, copy);
      tell(mutant, verdict);
      if ('killedBy' in verdict) killed += 1;
    }
    console.log(`killed ${killed} of ${chosen.length}`);
    return killed === chosen.length ? 0 : 1;
  } finally {
    copy.remove();
  }
}

function verdictOn(mutant: Mutant, copy: TreeCopy): Verdict {
  try {
    return copy.whileBroken(mutant, () => runTests(copy.folder, mutant.tests));
  } catch (error) {
    return { unclear: (error as Error).message };
  }
}

const options = optionsOf(HELP, { list: { type: 'boolean' }, only: { type: 'string', multiple: true } });
if (options !== undefined) {
  const wanted = options.only ?? [''];
  const chosen = mutants.filter(({ name, file }) => wanted.some((part) => name.includes(part) || file.includes(part)));
  if (options.list === true) for (const { name, file } of chosen) console.log(`${file}: ${name}`);
  else if (chosen.length > 0) process.exitCode = killAll(chosen);
  if (chosen.length === 0) {
    console.error(`No break is named like that.\n\n${HELP}`);
    process.exitCode = 2;
  }
}
