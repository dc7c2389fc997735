import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';

const script = fileURLToPath(new URL('child.ts', import.meta.url));
const running = new Set<Child>();

afterEach(() => {
  for (const child of running) child.kill();
});

/** A process of its own over the same file. */
export class Child {
  readonly #process: ChildProcess;
  readonly #messages: unknown[] = [];
  #wake: (() => void) | null = null;
  #over = false;
  #stderr = '';

  constructor(verb: string, ...args: readonly string[]) {
    this.#process = fork(script, [verb, ...args], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    running.add(this);
    this.#process.stderr?.on('data', (data: Buffer) => (this.#stderr += data.toString()));
    this.#process.on('message', (message) => this.#heard(message));
    this.#process.on('close', () => {
      running.delete(this);
      this.#over = true;
      this.#wake?.();
    });
  }

  send(message: string): void {
    this.#process.send(message);
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  /** The next thing it says; rejects if it has ended without a word. */
  async next(): Promise<unknown> {
    while (this.#messages.length === 0) {
      if (this.#over)
        throw new Error(
          `The process has ended (${this.#process.exitCode ?? this.#process.signalCode}). ${this.#stderr}`,
        );
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#messages.shift();
  }

  /** What it said and nobody has heard yet, once it has ended, by itself and well unless it was `killed`. */
  async rest(killed = false): Promise<unknown[]> {
    if (!this.#over) await once(this.#process, 'close');
    if (!killed && this.#process.exitCode !== 0) throw new Error(`The process ended badly. ${this.#stderr}`);
    return this.#messages.splice(0);
  }

  #heard(message: unknown): void {
    this.#messages.push(message);
    this.#wake?.();
  }
}
