import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';

/** A private server on a loopback port of its own, with its data in a folder of its own. */
export interface Server {
  readonly url: string;
  readonly version: string;
  /** What it was told about durability and memory, for the report. */
  readonly settings: string;
  readonly stop: () => Promise<void>;
}

/** What to start, and how to see that it is up. */
export interface ServerRecipe {
  readonly command: readonly string[];
  readonly folder: string;
  readonly url: string;
  readonly settings: string;
  /** Resolves with the version once the server answers. */
  readonly answer: () => Promise<string>;
  readonly stopSignal: NodeJS.Signals;
}

const startLimitMs = 30_000;

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return address.port;
}

/** Starts the server and waits until it answers. It ends with this process at the latest. */
export async function startServer(recipe: ServerRecipe): Promise<Server> {
  const [program = '', ...args] = recipe.command;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => output.length < 200 && output.push(chunk.toString()));
  }
  const killed = (): boolean => child.kill('SIGKILL');
  process.once('exit', killed);
  const stop = async (): Promise<void> => {
    process.off('exit', killed);
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      child.kill(recipe.stopSignal);
      await exit;
    }
    await rm(recipe.folder, { recursive: true, force: true });
  };
  try {
    const version = await answered(child, recipe.answer, output);
    return { url: recipe.url, version, settings: recipe.settings, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function answered(child: ChildProcess, answer: () => Promise<string>, output: string[]): Promise<string> {
  const deadline = performance.now() + startLimitMs;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The server exited with ${child.exitCode}: ${output.join('')}`);
    try {
      return await answer();
    } catch (cause) {
      if (performance.now() > deadline) throw new Error(`No answer in 30 s: ${output.join('')}`, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
