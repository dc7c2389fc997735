import { exitCodeOfRun } from './command-action.ts';
import type { ExitCode } from './exit-codes.ts';
import { createProgram } from './program.ts';
import { reportError } from './report-error.ts';

/**
 * Runs the command line `argv` (without node and the script) in this process: answers on stdout, notes and errors on
 * stderr. Never throws and never ends the process.
 */
export async function run(argv: readonly string[]): Promise<ExitCode> {
  try {
    const program = createProgram();
    await program.parseAsync(asHelpFlag(argv), { from: 'user' });
    return exitCodeOfRun(program);
  } catch (error) {
    return reportError(error, wantsJson(argv));
  }
}

/** `omniq help tasks ls` is `omniq tasks ls --help`: commands are only known once they are loaded. */
function asHelpFlag(argv: readonly string[]): readonly string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
}

/** Also for a line that could not be parsed. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}
