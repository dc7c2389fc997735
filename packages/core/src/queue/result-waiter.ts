import type { Ambient } from '../clock.ts';
import { isTerminal } from '../model/state.ts';
import type { TaskRow } from '../storage/task-row.ts';
import type { TaskStore } from '../storage/task-store.ts';

/** The floor under every wake-up. */
const POLL_MS = 1_000;
/** Wake-ups closer together than this share one look. */
const MIN_GAP_MS = 4;
const PAGE = 500;

type Answer = (row: TaskRow | undefined) => void;

/** Waits for the ends of many tasks with one look at the store for all of them. */
export class ResultWaiter {
  readonly #store: TaskStore;
  readonly #ambient: Ambient;
  readonly #waiting = new Map<string, Set<Answer>>();
  #cancelLook: (() => void) | null = null;
  #lookDueAt = Number.POSITIVE_INFINITY;
  #lastLook = 0;
  #looking = false;
  #again = false;
  #unwatch: (() => void) | null = null;

  constructor(store: TaskStore, ambient: Ambient) {
    this.#store = store;
    this.#ambient = ambient;
  }

  /** Resolves with the row once it is terminal, or with `undefined` once there is none; rejects when `signal` aborts. */
  wait(id: string, signal?: AbortSignal): Promise<TaskRow | undefined> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const answers = this.#waiting.get(id) ?? new Set();
      this.#waiting.set(id, answers);
      const answer: Answer = (row) => {
        signal?.removeEventListener('abort', giveUp);
        resolve(row);
      };
      const giveUp = (): void => {
        answers.delete(answer);
        if (answers.size === 0) this.#waiting.delete(id);
        if (this.#waiting.size === 0) this.#rest();
        reject(signal?.reason as Error);
      };
      answers.add(answer);
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#unwatch ??= this.#store.watch?.(() => this.#lookIn(MIN_GAP_MS)) ?? null;
      this.#lookIn(0);
    });
  }

  /** A task of this process ended: look at once if somebody waits for it. */
  ended(id: string): void {
    if (this.#waiting.has(id)) this.#lookIn(0);
  }

  close(): void {
    this.#rest();
    this.#waiting.clear();
  }

  #lookIn(ms: number): void {
    const now = this.#ambient.clock.monotonic();
    const due = Math.max(now + ms, this.#lastLook + MIN_GAP_MS);
    if (this.#waiting.size === 0 || due >= this.#lookDueAt) return;
    this.#cancelLook?.();
    this.#lookDueAt = due;
    this.#cancelLook = this.#ambient.timers.after(Math.max(0, due - now), () => {
      this.#lookDueAt = Number.POSITIVE_INFINITY;
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    this.#lastLook = this.#ambient.clock.monotonic();
    try {
      const ids = [...this.#waiting.keys()];
      for (let start = 0; start < ids.length; start += PAGE) await this.#lookAt(ids.slice(start, start + PAGE));
    } catch {
      // An outage: the caller's own timeout bounds the wait, the poll looks again.
    } finally {
      this.#looking = false;
    }
    if (this.#waiting.size === 0) this.#rest();
    else this.#lookIn(this.#again ? MIN_GAP_MS : POLL_MS);
    this.#again = false;
  }

  async #lookAt(ids: readonly string[]): Promise<void> {
    const rows = await this.#store.get(ids);
    for (const [index, id] of ids.entries()) {
      const row = rows[index];
      if (row !== undefined && !isTerminal(row.state)) continue;
      const answers = this.#waiting.get(id);
      this.#waiting.delete(id);
      answers?.forEach((answer) => answer(row));
    }
  }

  #rest(): void {
    this.#cancelLook?.();
    this.#cancelLook = null;
    this.#lookDueAt = Number.POSITIVE_INFINITY;
    this.#unwatch?.();
    this.#unwatch = null;
  }
}
