import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { loadSystem } from '../systems/load-system.ts';
import type { Queue, System } from '../systems/system.ts';
import { exactNow, type CommandName, type Commands, type Effort, type Holding, type Progress } from './commands.ts';
import { plainPayload, stampedPayload, stampOf } from './payload.ts';

const preloadChunk = 1000;

/** One system opened in one process, and what can be measured with it. */
export class MeasuringProcess {
  readonly #load: (name: string) => Promise<System>;
  #opened: Queue | undefined;
  #ran = 0;
  #firstAt = 0;
  #lastAt = 0;
  #cpuAtWork: NodeJS.CpuUsage = process.cpuUsage();
  #delaysMs: number[] = [];

  readonly commands: { [Name in CommandName]: (take: Commands[Name]['take']) => Promise<Commands[Name]['give']> } = {
    open: async ({ system: name, ...target }) => {
      const system = await this.#load(name);
      this.#opened = await system.open(target);
      return null;
    },
    enqueue: ({ n, callers, limitMs }) => this.#enqueue(n, callers, limitMs),
    bulk: ({ n, chunk, limitMs }) => this.#bulk(n, chunk, limitMs),
    preload: ({ n, delayed }) => this.#preload(n, delayed),
    drain: ({ n, warm, limitMs }) => this.#drain(n, warm, limitMs),
    work: () => this.#work(),
    progress: async () => this.#progress(),
    hold: () => this.#hold(),
    empty: ({ limitMs }) => this.#empty(limitMs),
    arrive: ({ n, perSecond }) => this.#arrive(n, perSecond),
    close: async () => {
      await this.#opened?.close();
      return null;
    },
  };

  constructor(load: (name: string) => Promise<System> = loadSystem) {
    this.#load = load;
  }

  get #queue(): Queue {
    if (this.#opened === undefined) throw new Error('The first command is open.');
    return this.#opened;
  }

  async #enqueue(n: number, callers: number, limitMs: number): Promise<Effort> {
    let started = 0;
    return effort(async (deadline) => {
      let done = 0;
      const caller = async (): Promise<void> => {
        while (started < n && performance.now() < deadline) {
          started += 1;
          await this.#queue.enqueue(plainPayload());
          done += 1;
        }
      };
      await Promise.all(Array.from({ length: callers }, caller));
      return done;
    }, limitMs);
  }

  async #bulk(n: number, chunk: number, limitMs: number): Promise<Effort> {
    const payloads = Array.from({ length: chunk }, plainPayload);
    return effort(async (deadline) => {
      let done = 0;
      while (done < n && performance.now() < deadline) {
        await this.#queue.enqueueMany(payloads.slice(0, n - done));
        done += Math.min(chunk, n - done);
      }
      return done;
    }, limitMs);
  }

  async #preload(n: number, delayed: boolean): Promise<{ supported: boolean }> {
    const queue = this.#queue;
    if (delayed && queue.enqueueDelayed === undefined) return { supported: false };
    const payloads = Array.from({ length: preloadChunk }, plainPayload);
    for (let left = n; left > 0; left -= preloadChunk) {
      const some = payloads.slice(0, left);
      await (delayed ? queue.enqueueDelayed?.(some) : queue.enqueueMany(some));
    }
    return { supported: true };
  }

  /** The clock starts when `warm` have run, and stops when all `n` did and the store says that none is left. */
  async #drain(n: number, warm: number, limitMs: number): Promise<Effort> {
    let finish: () => void = () => {};
    const finished = new Promise<void>((resolve) => (finish = resolve));
    let begun = beginning();
    const deadline = performance.now() + limitMs;
    await this.#queue.work(() => {
      this.#ran += 1;
      if (this.#ran === warm) begun = beginning();
      if (this.#ran === n || (this.#ran % 256 === 0 && performance.now() > deadline)) finish();
    });
    const timer = setTimeout(() => finish(), limitMs);
    await finished;
    clearTimeout(timer);
    if (this.#ran >= n) await this.#untilEmpty(deadline);
    if (this.#ran > n) throw new Error(`${n} tasks ran ${this.#ran} times.`);
    return effortSince(begun, Math.max(0, this.#ran - warm));
  }

  async #work(): Promise<null> {
    this.#cpuAtWork = process.cpuUsage();
    await this.#queue.work((payload) => {
      this.#ran += 1;
      this.#lastAt = exactNow();
      if (this.#ran === 1) this.#firstAt = this.#lastAt;
      const stamp = stampOf(payload);
      if (stamp !== undefined) this.#delaysMs.push(this.#lastAt - stamp);
    });
    return null;
  }

  #progress(): Progress {
    const { user, system } = process.cpuUsage(this.#cpuAtWork);
    const cpuMicros = user + system;
    const [firstAt, lastAt] = [this.#firstAt, this.#lastAt];
    return { ran: this.#ran, firstAt, lastAt, cpuMicros, rssMb: rssMb(), delaysMs: this.#delaysMs };
  }

  async #hold(): Promise<Holding> {
    const left = await this.#queue.left();
    const at = exactNow();
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return { left, at, rssMb: rssMb(), usedMb: (heapUsed + external) / 1e6 };
  }

  async #empty(limitMs: number): Promise<{ at: number }> {
    await this.#untilEmpty(performance.now() + limitMs);
    return { at: exactNow() };
  }

  async #untilEmpty(deadline: number): Promise<void> {
    while ((await this.#queue.left()) > 0 && performance.now() < deadline) await nextTurn();
  }

  async #arrive(n: number, perSecond: number): Promise<null> {
    const start = performance.now();
    const adds: Promise<void>[] = [];
    for (let i = 0; i < n; i += 1) {
      const wait = start + (i * 1000) / perSecond - performance.now();
      if (wait > 0) await sleep(wait);
      adds.push(this.#queue.enqueue(stampedPayload())); // Not awaited: a slow store must not slow the arrivals.
    }
    await Promise.all(adds);
    return null;
  }
}

async function effort(task: (deadline: number) => Promise<number>, limitMs: number): Promise<Effort> {
  const begun = beginning();
  const done = await task(begun.at + limitMs);
  return effortSince(begun, done);
}

interface Beginning {
  readonly at: number;
  readonly cpu: NodeJS.CpuUsage;
}

function beginning(): Beginning {
  return { at: performance.now(), cpu: process.cpuUsage() };
}

function effortSince({ at, cpu }: Beginning, done: number): Effort {
  const seconds = (performance.now() - at) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { done, seconds, cpuMicros: user + system, rssMb: rssMb() };
}
function rssMb(): number {
  return process.memoryUsage.rss() / 1e6;
}
