import { run } from './run.ts';

const HELP = `npx -y pnpm@12 check [--static] [--only NAME]

Everything that CI checks: types, lint, format, unused code, packages as published, generated pages, tests.
  --static     all but the tests
  --only NAME  one step, by its name`;

/** A failing step does not hide the others. */
const steps: readonly { readonly name: string; readonly command: readonly [string, ...string[]] }[] = [
  { name: 'types', command: ['tsc', '-b'] },
  { name: 'test-types', command: ['tsc', '-p', 'tsconfig.test.json'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'format', command: ['oxfmt', '--check'] },
  { name: 'unused', command: ['node', 'tools/unused.ts'] },
  { name: 'packages', command: ['node', 'tools/pack-check.ts'] },
  { name: 'api', command: ['node', 'tools/api-report.ts'] },
  { name: 'matrix', command: ['node', 'tools/matrix.ts', '--check'] },
  { name: 'tests', command: ['node', 'tools/test.ts'] },
];

const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) {
  console.log(HELP);
} else {
  const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : undefined;
  const chosen = steps.filter(({ name }) =>
    only === undefined ? !(args.includes('--static') && name === 'tests') : name === only,
  );
  if (chosen.length === 0) {
    console.error(`There is no step ${only}. Steps: ${steps.map(({ name }) => name).join(', ')}.`);
    process.exitCode = 2;
  }
  const failed: string[] = [];
  for (const { name, command } of chosen) {
    const start = performance.now();
    const [program, ...rest] = command;
    const code = await run(program, rest);
    if (code !== 0) failed.push(name);
    console.error(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  }
  if (failed.length > 0) {
    console.error(`Failed: ${failed.join(', ')}`);
    process.exitCode = 1;
  }
}
