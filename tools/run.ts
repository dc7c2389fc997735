import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a program of the workspace with this terminal and answers with its exit code, 127 if there is no such program. */
export async function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  stdio: 'inherit' | 'ignore' = 'inherit',
): Promise<number> {
  const child = spawn(command, args, { stdio, env });
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    return code ?? (signal === null ? 1 : 128);
  } catch (error) {
    console.error(`${command} could not be started: ${String(error)}`);
    return 127;
  }
}
