import type { Ambient } from '@omniq/core';
import { OmniQError, type LogCapabilities, type LogEntry, type LogSnapshot, type SharedLog } from '@omniq/core/storage';

/** How often each fault happens, from 0 to 1, and how long things take. */
export interface Faults {
  /** A verb fails and has done nothing. */
  readonly unreachable: number;
  /** A verb is done, and fails all the same. */
  readonly lostReply: number;
  /** An append fails and lands afterwards, within `lateMs`: it was under way. */
  readonly late: number;
  /** A read gives only some of what it could, one entry at least. */
  readonly partialRead: number;
  /** With a verb: whoever watches is woken for nothing. */
  readonly falseWake: number;
  readonly lostWake: number;
  /** Longest time until a verb is done, as well as until its reply comes, and until a wake comes; ms. */
  readonly delayMs: number;
  readonly lateMs: number;
}

type Fault = keyof Omit<Faults, 'delayMs' | 'lateMs'>;

const none: Faults = {
  unreachable: 0,
  lostReply: 0,
  late: 0,
  partialRead: 0,
  falseWake: 0,
  lostWake: 0,
  delayMs: 0,
  lateMs: 0,
};

/**
 * One opening of a log, as a process has it whose network is bad and whose machine naps. Chance and time come from the
 * ambient alone: from one seed, the same faults.
 */
export class FaultyLog implements SharedLog {
  readonly capabilities: LogCapabilities;
  /** How often each fault has happened. */
  readonly tally: Record<Fault, number> = {
    unreachable: 0,
    lostReply: 0,
    late: 0,
    partialRead: 0,
    falseWake: 0,
    lostWake: 0,
  };
  readonly #log: SharedLog;
  readonly #ambient: Ambient;
  readonly #watchers = new Set<() => void>();
  #faults: Faults;
  #frozen: PromiseWithResolvers<void> | undefined;
  #isClosed = false;

  /** @param faults default of each: never, at once */
  constructor(log: SharedLog, ambient: Ambient, faults: Partial<Faults> = {}) {
    this.capabilities = log.capabilities;
    this.#log = log;
    this.#ambient = ambient;
    this.#faults = { ...none, ...faults };
  }

  /** No more faults and delays from now on; what is under way still is, and a nap goes on. */
  heal(): void {
    this.#faults = none;
  }

  /** Verbs neither begin nor answer, and nobody is woken, until {@link thaw}: the process naps, the others go on. */
  freeze(): void {
    this.#frozen ??= Promise.withResolvers();
  }

  thaw(): void {
    this.#frozen?.resolve();
    this.#frozen = undefined;
  }

  append(bytes: Uint8Array, at: number): Promise<number | null> {
    return this.#call(() => {
      if (!this.#happens('late')) return this.#log.append(bytes, at);
      // It may be refused when it lands; whoever sent it does not listen any more.
      this.#ambient.timers.after(this.#upTo(this.#faults.lateMs), () => {
        this.#log.append(bytes, at).catch(() => null);
      });
      throw unreachable('It is not known whether the request will be done.');
    });
  }

  read(after: number, limit: number): Promise<readonly LogEntry[]> {
    return this.#call(async () => {
      const entries = await this.#log.read(after, limit);
      if (entries.length < 2 || !this.#happens('partialRead')) return entries;
      return entries.slice(0, 1 + Math.floor(this.#upTo(entries.length - 1)));
    });
  }

  watch(wake: () => void): () => void {
    const watcher = (): void => wake();
    const stop = this.#log.watch(() => {
      if (!this.#happens('lostWake')) this.#wakeLater(watcher);
    });
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
      stop();
    };
  }

  saveSnapshot(position: number, bytes: Uint8Array): Promise<void> {
    return this.#call(() => this.#log.saveSnapshot(position, bytes));
  }

  loadSnapshot(): Promise<LogSnapshot | null> {
    return this.#call(() => this.#log.loadSnapshot());
  }

  trim(position: number): Promise<void> {
    return this.#call(() => this.#log.trim(position));
  }

  /** Ends the nap as well: verbs that were held up find a closed log. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watchers.clear();
    await this.#log.close();
    this.thaw();
  }

  async #call<T>(verb: () => Promise<T>): Promise<T> {
    if (this.#isClosed) return verb();
    if (this.#happens('falseWake')) for (const watcher of this.#watchers) this.#wakeLater(watcher);
    await this.#hold();
    if (this.#happens('unreachable')) throw unreachable('The request did not arrive.');
    const answer = await verb();
    await this.#hold();
    if (this.#happens('lostReply')) throw unreachable('The reply was lost.');
    return answer;
  }

  #wakeLater(watcher: () => void): void {
    void this.#hold().then(() => {
      if (this.#watchers.has(watcher)) watcher();
    });
  }

  async #hold(): Promise<void> {
    const ms = this.#upTo(this.#faults.delayMs);
    if (ms > 0) await new Promise<void>((resolve) => void this.#ambient.timers.after(ms, resolve));
    while (this.#frozen !== undefined) await this.#frozen.promise;
  }

  #happens(fault: Fault): boolean {
    if (this.#faults[fault] === 0 || this.#isClosed || this.#ambient.random() >= this.#faults[fault]) return false;
    this.tally[fault] += 1;
    return true;
  }

  #upTo(limit: number): number {
    return limit === 0 ? 0 : this.#ambient.random() * limit;
  }
}

function unreachable(message: string): OmniQError {
  return new OmniQError('STORE_UNREACHABLE', message);
}
