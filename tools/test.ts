import { run } from './run.ts';

const HELP = `npx -y pnpm@12 test [pattern ...] [vitest options]

Runs every test: unit, conformance of each backend, real processes and servers, types. A pattern runs only the files
whose path contains it; --project unit, apps, services or types runs one kind; -t TEXT only tests with that name.
A server that is missing is installed where that is possible (Debian as root); elsewhere its tests are skipped by name
with the command that installs it, and under CI=true they fail.
The last line counts: N passed, N failed, N skipped.
pnpm answers test --help itself; this text is under: npx -y pnpm@12 run test --help`;

// A `--` that pnpm hands on is not meant for Vitest.
const args = process.argv.slice(process.argv[2] === '--' ? 3 : 2);
if (args.includes('--help') || args.includes('-h')) console.log(HELP);
else process.exitCode = await run('vitest', ['run', ...args]);
