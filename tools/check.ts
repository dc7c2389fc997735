import { optionsOf } from './options.ts';
import { run } from './run.ts';

interface Step {
  readonly name: string;
  readonly about: string;
  readonly command: readonly [program: string, ...args: string[]];
}

/** A failing step does not hide the others. */
const steps: readonly Step[] = [
  { name: 'types', about: 'sources, tests and tools', command: ['tsc', '-b'] },
  {
    name: 'lint',
    about: 'rules of layers, promises and style',
    command: ['oxlint', '--type-aware', '--deny-warnings'],
  },
  { name: 'format', about: 'as oxfmt writes it', command: ['oxfmt', '--check'] },
  { name: 'unused', about: 'files, exports and dependencies', command: ['node', 'tools/unused.ts'] },
  { name: 'api', about: 'docs/api is what the packages export', command: ['node', 'tools/api-report.ts'] },
  { name: 'packages', about: 'packed, linted and used from outside', command: ['node', 'tools/pack-check.ts'] },
  { name: 'matrix', about: 'conformance, and its page is fresh', command: ['node', 'tools/matrix.ts', '--check'] },
  { name: 'tests', about: 'all of them, and that generated files are fresh', command: ['node', 'tools/test.ts'] },
];

const HELP = `npx -y pnpm@12 check [--static] [--only NAME ...]

Everything that CI checks, one step after the other; a failing step does not hide the others:
${steps.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join('\n')}

  --static     all but the tests
  --only NAME  this step; may be given several times`;

function chosen(only: readonly string[], isStatic: boolean): readonly Step[] {
  return steps.filter(({ name }) => (only.length === 0 ? !isStatic || name !== 'tests' : only.includes(name)));
}

async function check(chosenSteps: readonly Step[]): Promise<number> {
  const failed: string[] = [];
  const lines: string[] = [];
  for (const { name, command } of chosenSteps) {
    console.error(`\n== ${name}: ${command.join(' ')}`);
    const start = performance.now();
    const [program, ...args] = command;
    const code = await run(program, args);
    if (code !== 0) failed.push(name);
    const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
    lines.push(`${code === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(10)} ${seconds} s`);
  }
  // A note: on stdout the last line is what the tests close with, their count.
  console.error(`\n${lines.join('\n')}${failed.length === 0 ? '' : `\nFailed: ${failed.join(', ')}`}`);
  return failed.length === 0 ? 0 : 1;
}

const options = optionsOf(HELP, { static: { type: 'boolean' }, only: { type: 'string', multiple: true } });
const unknown = options?.only?.find((name) => !steps.some((step) => step.name === name));
if (unknown !== undefined) {
  console.error(`There is no step '${unknown}'.\n\n${HELP}`);
  process.exitCode = 2;
} else if (options !== undefined) {
  process.exitCode = await check(chosen(options.only ?? [], options.static === true));
}
