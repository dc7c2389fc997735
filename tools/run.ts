import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a program of the workspace with this terminal and answers with its exit code. */
export async function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit', env });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return code ?? (signal === null ? 1 : 128);
}
