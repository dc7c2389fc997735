import { CommanderError } from 'commander';
import { exitCodeOf, exitCodes, type ExitCode } from './exit-codes.ts';
import { engine } from './open-queue.ts';
import { cleanLines } from './text/clean-text.ts';
import { jsonText } from './text/json-text.ts';
import { UsageError } from './usage-error.ts';

/** An error as it is told. */
interface Report {
  readonly code: string;
  readonly message: string;
  readonly exitCode: ExitCode;
  readonly hint?: string;
  readonly causes?: readonly string[];
  readonly details?: unknown;
}

const hints: Readonly<Record<string, string>> = {
  STORE_UNREACHABLE: 'omniq doctor tells more.',
  STORE_VERSION: 'omniq migrate status tells what is to be done.',
  TASK_NOT_FOUND: 'omniq tasks ls lists those that are there.',
  INVALID_CONFIG: 'omniq config show --origin tells who says what, once it can be read.',
};

/** Tells an error on stderr, as text or as `{"error":{…}}`, and returns the exit code that belongs to it. */
export async function reportError(error: unknown, json: boolean): Promise<ExitCode> {
  if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
  // A group of commands without one of them: its help was written already.
  if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage;
  const report = await reportOf(error);
  process.stderr.write(`${json ? jsonText({ error: report }) : cleanLines(textOf(report))}\n`);
  return report.exitCode;
}

async function reportOf(error: unknown): Promise<Report> {
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /u, '').replaceAll('\n', ' ');
    return { code: 'USAGE', message, exitCode: exitCodes.usage, hint: 'omniq --help, or --help after a command.' };
  }
  if (error instanceof UsageError) {
    const { message, hint } = error;
    return { code: 'USAGE', message, exitCode: exitCodes.usage, ...(hint === undefined ? {} : { hint }) };
  }
  const { maskSecrets } = await engine();
  return thrownReport(error, maskSecrets);
}

function thrownReport(error: unknown, mask: (text: string) => string): Report {
  const exitCode = exitCodes.failure;
  if (!(error instanceof Error)) return { code: 'UNEXPECTED', message: mask(String(error)), exitCode };
  const causes = causesOf(error, mask);
  const told = causes.length === 0 ? {} : { causes };
  // Not one of ours: most likely a fault, of which the place is wanted.
  if (error.name !== 'OmniQError')
    return { code: 'UNEXPECTED', message: mask(error.stack ?? error.message), exitCode, ...told };
  const { code, details } = error as Error & { code: string; details?: object };
  const hint = hints[code];
  return {
    code,
    message: mask(error.message),
    exitCode: exitCodeOf(code),
    ...(hint === undefined ? {} : { hint }),
    ...told,
    ...(details === undefined || Object.keys(details).length === 0 ? {} : { details }),
  };
}

/** The messages of what lies behind, without those that the message before has told. */
function causesOf(error: Error, mask: (text: string) => string): readonly string[] {
  const causes: string[] = [];
  let told = mask(error.message);
  for (let { cause } = error; cause instanceof Error && causes.length < 4; { cause } = cause) {
    const message = mask(cause.message);
    if (!told.includes(message)) causes.push(`${cause.name}: ${message}`);
    told = message;
  }
  return causes;
}

function textOf({ code, message, causes = [], hint }: Report): string {
  const lines = [`error ${code}: ${message}`, ...causes.map((cause) => `cause: ${cause}`)];
  return [...lines, ...(hint === undefined ? [] : [`hint: ${hint}`])].join('\n');
}
