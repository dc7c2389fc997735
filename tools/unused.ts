import { run } from './run.ts';

// Fetched for the occasion: its parser has no binary for every platform, so it must stay out of the lockfile.
const KNIP = 'knip@6.44.2';

const report = ['--no-progress', '--no-config-hints', '--include', 'files,dependencies,unlisted,exports,types'];

process.exitCode = await run('pnpm', ['dlx', KNIP, ...report]);
