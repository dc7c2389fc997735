import type { OmniQ } from '@omniq/omniq';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import type { Output } from './output.ts';

type StoppingWorker = Pick<Awaited<ReturnType<OmniQ['work']>>, 'stop' | 'counts'>;

const codeOf: Readonly<Partial<Record<NodeJS.Signals, ExitCode>>> = {
  SIGINT: exitCodes.interrupted,
  SIGTERM: exitCodes.terminated,
};

/** Stops a worker by signals: the first lets runs finish, the second hands them back, the third ends the process. */
export class StopSignals {
  readonly #out: Output;
  readonly #received: NodeJS.Signals[] = [];
  readonly #onSignal = (signal: NodeJS.Signals): void => this.#receive(signal);
  #worker: StoppingWorker | null = null;

  /** Listens from now on; what comes before there is a worker stops it as soon as it is there. */
  constructor(out: Output) {
    this.#out = out;
    for (const signal of Object.keys(codeOf)) process.on(signal, this.#onSignal);
  }

  /** `0` if there was no signal, else that of the first one. */
  get exitCode(): ExitCode {
    const [first] = this.#received;
    return first === undefined ? exitCodes.ok : (codeOf[first] ?? exitCodes.failure);
  }

  stops(worker: StoppingWorker): void {
    this.#worker = worker;
    const early = this.#received.splice(0);
    for (const signal of early) this.#receive(signal);
  }

  dispose(): void {
    for (const signal of Object.keys(codeOf)) process.off(signal, this.#onSignal);
  }

  #receive(signal: NodeJS.Signals): void {
    this.#received.push(signal);
    if (this.#received.length > (this.#worker === null ? 1 : 2)) process.exit(this.exitCode);
    if (this.#worker === null) return;
    const tasks = count(this.#worker.counts.running);
    if (this.#received.length === 1) {
      this.#out.note(`${signal}: finishing ${tasks}; once more hands them back at once`);
      void this.#worker.stop();
    } else {
      this.#out.note(`${signal}: handing back ${tasks}`);
      void this.#worker.stop({ deadlineMs: 0 });
    }
  }
}

function count(tasks: number): string {
  return tasks === 1 ? '1 task' : `${tasks} tasks`;
}
