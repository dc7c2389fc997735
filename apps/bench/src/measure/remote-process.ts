import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { CommandName, Commands, Reply } from './commands.ts';

const program = new URL('child.ts', import.meta.url);
const closeLimitMs = 5000;

/** A fresh process for one measurement. Its start-up is over before anything is timed. */
export class RemoteProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (give: never) => void; reject: (cause: Error) => void }>();
  readonly #output: string[] = [];
  #last = 0;

  /** @param execArgv what Node.js is told besides */
  constructor(execArgv: readonly string[] = []) {
    const stdio = ['ignore', 'ignore', 'pipe', 'ipc'] as const;
    this.#child = fork(program, { stdio: [...stdio], env: childEnvironment(), execArgv: [...execArgv] });
    this.#child.stderr?.on('data', (chunk: Buffer) => this.#output.push(chunk.toString()));
    this.#child.on('message', (reply: Reply) => this.#settle(reply));
    this.#child.on('exit', (code, signal) => this.#failAll(new Error(this.#ending(code ?? signal))));
  }

  call<Name extends CommandName>(name: Name, take: Commands[Name]['take']): Promise<Commands[Name]['give']> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      if (!this.#child.connected) return reject(new Error(this.#ending(this.#child.exitCode)));
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, name, take });
    });
  }

  /** Closes the system in good order, or ends the process if that takes too long. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), closeLimitMs);
    await this.call('close', null).catch(() => undefined); // It may have failed already: that is told elsewhere.
    if (this.#child.connected) this.#child.disconnect();
    await exit;
    clearTimeout(timer);
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.give as never);
  }

  #failAll(cause: Error): void {
    for (const { reject } of this.#waiting.values()) reject(cause);
    this.#waiting.clear();
  }

  #ending(code: number | NodeJS.Signals | null): string {
    return `The measuring process ended with ${code}. ${this.#output.join('').slice(-2000)}`;
  }
}

/** Settings of the systems must come from their adapters alone. */
function childEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(OMNIQ_|NODE_ENV$|VITEST)/.test(name)));
}
