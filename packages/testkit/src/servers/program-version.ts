import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The first version number that a program prints of itself. */
export async function programVersion(program: string, flag = '--version'): Promise<string> {
  const { stdout, stderr } = await run(program, [flag]);
  return /\d+(?:\.\d+)+/.exec(stdout + stderr)?.[0] ?? 'unknown';
}
