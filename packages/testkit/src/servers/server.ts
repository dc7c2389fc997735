import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { findProgram } from './find-program.ts';

/** A private server on a loopback port of its own, with its data in a folder of its own. */
export interface Server {
  readonly url: string;
  readonly version: string;
  /** What it was told about durability and memory, for reports. */
  readonly settings: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** `kill -9`. Resolves once the process is gone; the data stays. */
  readonly kill: () => Promise<void>;
  /** Starts it again after {@link kill}, on the same port with the same data. Resolves once it answers. */
  readonly start: () => Promise<void>;
  /** Ends it and removes its data. Twice is a no-op. */
  readonly stop: () => Promise<void>;
}

/** What to start, and how to see that it is up. */
export interface ServerRecipe {
  readonly command: readonly string[];
  /** Holds all that it writes; removed with it. */
  readonly folder: string;
  readonly url: string;
  readonly version: string;
  readonly settings: string;
  /** Rejects, or resolves with `false`, until the server answers. */
  readonly isUp: () => Promise<boolean>;
  readonly stopSignal: NodeJS.Signals;
}

/** For `setpriv`, which every Linux has: the kernel ends what it starts once its parent is gone, however that died. */
export const dieWithParent: readonly string[] = ['--pdeathsig', 'KILL'];

const START_LIMIT_MS = 30_000;
/** What does not stop in this time is killed. */
const STOP_LIMIT_MS = 10_000;
const LOOK_AGAIN_MS = 25;
const KEPT_OUTPUT = 200;

/** Starts the server and waits until it answers. It ends with this process at the latest. */
export async function startServer(recipe: ServerRecipe): Promise<Server> {
  const server = new PrivateServer(recipe);
  try {
    await server.start();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

class PrivateServer implements Server {
  readonly #recipe: ServerRecipe;
  readonly #endAtExit = (): void => void this.#child?.kill('SIGKILL');
  #child: ChildProcess | null = null;
  #output: string[] = [];
  #hasRun = false;

  constructor(recipe: ServerRecipe) {
    this.#recipe = recipe;
    process.once('exit', this.#endAtExit);
  }

  get url(): string {
    return this.#recipe.url;
  }
  get version(): string {
    return this.#recipe.version;
  }
  get settings(): string {
    return this.#recipe.settings;
  }
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  readonly start = async (): Promise<void> => {
    const deadline = performance.now() + START_LIMIT_MS;
    await this.#spawn();
    while (!(await this.#recipe.isUp().catch(() => false))) {
      if (performance.now() > deadline) throw this.#failure('does not answer');
      if (hasEnded(this.#child)) {
        // What was killed may leave children behind that hold on to its data for a moment.
        if (!this.#hasRun) throw this.#failure('ended at its start');
        await this.#spawn();
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
    this.#hasRun = true;
  };

  readonly kill = (): Promise<void> => this.#end('SIGKILL');

  readonly stop = async (): Promise<void> => {
    process.off('exit', this.#endAtExit);
    await this.#end(this.#recipe.stopSignal);
    await rm(this.#recipe.folder, { recursive: true, force: true });
  };

  async #spawn(): Promise<void> {
    const [program = '', ...args] = await mortal(this.#recipe.command);
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#output = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => this.#output.length < KEPT_OUTPUT && this.#output.push(chunk.toString()));
    }
    child.on('error', (error) => this.#output.push(error.message));
  }

  #failure(what: string): Error {
    return new Error(`${this.#recipe.command.join(' ')} ${what}: ${this.#output.join('')}`);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null || hasEnded(child)) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await exit;
    clearTimeout(killer);
  }
}

async function mortal(command: readonly string[]): Promise<readonly string[]> {
  const setpriv = process.platform === 'linux' ? await findProgram('setpriv') : undefined;
  if (setpriv === undefined || command[0] === 'setpriv') return command;
  return [setpriv, ...dieWithParent, '--', ...command];
}

function hasEnded(child: ChildProcess | null): boolean {
  return child?.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
