import type { Ambient } from '../clock.ts';
import { isTerminal } from '../model/state.ts';
import type { TaskRow } from '../storage/task-row.ts';
import type { TaskStore } from '../storage/task-store.ts';

/** The floor under every wake-up. */
const POLL_MS = 1_000;
/** Looks at all that is waited for are at least so far apart, and so many times as far as the last one took. */
const GAP = { ms: 4, times: 4 };
const PAGE = 500;

type Answer = (row: TaskRow | undefined) => void;

/** Waits for the ends of many tasks with one look at the store for all of them. */
export class ResultWaiter {
  readonly #store: TaskStore;
  readonly #ambient: Ambient;
  readonly #waiting = new Map<string, Set<Answer>>();
  /** Known to have ended, by this process. */
  readonly #ended = new Set<string>();
  /** On their way through an outbox: that there is none yet is no answer. */
  readonly #arriving = new Set<string>();
  /** When all that is waited for is looked at next, and from when on that may be. */
  #allDueAt = Number.POSITIVE_INFINITY;
  #allFrom = 0;
  #cancelLook: (() => void) | null = null;
  #lookDueAt = Number.POSITIVE_INFINITY;
  #looking = false;
  #unwatch: (() => void) | null = null;

  constructor(store: TaskStore, ambient: Ambient) {
    this.#store = store;
    this.#ambient = ambient;
  }

  /** Resolves with the row once it is terminal, or with `undefined` once there is none; rejects when `signal` aborts. */
  wait(id: string, signal?: AbortSignal, arriving = false): Promise<TaskRow | undefined> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (arriving) this.#arriving.add(id);
      const answers = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, answers);
      const answer: Answer = (row) => {
        signal?.removeEventListener('abort', giveUp);
        resolve(row);
      };
      const giveUp = (): void => {
        answers.delete(answer);
        if (answers.size === 0) this.#forget(id);
        if (this.#waiting.size === 0) this.#rest();
        reject(signal?.reason as Error);
      };
      answers.add(answer);
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#unwatch ??= this.#store.watch?.(() => this.#lookForAllIn(0), 'ended') ?? null;
      this.#lookFor(id);
    });
  }

  /** A task of this process ended: look at it at once if somebody waits for it. */
  ended(id: string): void {
    if (this.#waiting.has(id)) this.#lookFor(id);
  }

  close(): void {
    this.#rest();
    this.#waiting.clear();
  }

  #lookFor(id: string): void {
    this.#ended.add(id);
    this.#schedule(this.#ambient.clock.monotonic());
  }

  /** Some other process may have ended any of them. */
  #lookForAllIn(ms: number): void {
    this.#allDueAt = Math.min(this.#allDueAt, Math.max(this.#allFrom, this.#ambient.clock.monotonic() + ms));
    this.#schedule(this.#allDueAt);
  }

  #schedule(dueAt: number): void {
    if (this.#looking || this.#waiting.size === 0 || dueAt >= this.#lookDueAt) return;
    this.#cancelLook?.();
    this.#lookDueAt = dueAt;
    const look = (): void => {
      this.#lookDueAt = Number.POSITIVE_INFINITY;
      void this.#look();
    };
    const ms = dueAt - this.#ambient.clock.monotonic();
    this.#cancelLook = ms > 0 ? this.#ambient.timers.after(ms, look) : this.#nextTurn(look);
  }

  /** A timer of 0 ms would take a whole one. */
  #nextTurn(fn: () => void): () => void {
    let cancelled = false;
    void this.#ambient.timers.turn().then(() => cancelled || fn());
    return () => {
      cancelled = true;
    };
  }

  async #look(): Promise<void> {
    const start = this.#ambient.clock.monotonic();
    const all = start >= this.#allDueAt;
    const ids = all ? [...this.#waiting.keys()] : [...this.#ended].filter((id) => this.#waiting.has(id));
    this.#ended.clear();
    if (all) this.#allDueAt = Number.POSITIVE_INFINITY;
    this.#looking = true;
    try {
      for (let first = 0; first < ids.length; first += PAGE) await this.#lookAt(ids.slice(first, first + PAGE));
    } catch {
      // An outage: the caller's own timeout bounds the wait, the poll looks again.
    } finally {
      this.#looking = false;
    }
    const took = this.#ambient.clock.monotonic() - start;
    if (all) this.#allFrom = start + took + Math.max(GAP.ms, took * GAP.times);
    if (this.#waiting.size === 0) return this.#rest();
    if (this.#ended.size > 0) this.#schedule(this.#ambient.clock.monotonic());
    this.#lookForAllIn(POLL_MS);
  }

  async #lookAt(ids: readonly string[]): Promise<void> {
    const rows = await this.#store.get(ids);
    for (const [index, id] of ids.entries()) {
      const row = rows[index];
      if (row === undefined ? this.#arriving.has(id) : !isTerminal(row.state)) continue;
      const answers = this.#waiting.get(id);
      this.#forget(id);
      answers?.forEach((answer) => answer(row));
    }
  }

  #forget(id: string): void {
    this.#waiting.delete(id);
    this.#arriving.delete(id);
  }

  #rest(): void {
    this.#cancelLook?.();
    this.#cancelLook = null;
    this.#lookDueAt = Number.POSITIVE_INFINITY;
    this.#allDueAt = Number.POSITIVE_INFINITY;
    this.#ended.clear();
    this.#unwatch?.();
    this.#unwatch = null;
  }
}
