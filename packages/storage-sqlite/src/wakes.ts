import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Looks one turn of the loop apart, as long as a quick flush takes; of a quiet file only, a busy one would spin. */
const LOOKS_AT_ONCE = 24;
/** A write to the log is seen before its commit is, by the time of a flush: so many ms lie between looks for it. */
const LOOKS_MS = [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 4, 8, 16] as const;

/**
 * Tells listeners that something was committed: here, at once, and by other processes, once their write to the log is
 * followed by a commit that this process can see. The directory is watched, not the log itself, which comes and goes.
 */
export class Wakes {
  readonly #log: string | null;
  readonly #listeners = new Set<() => void>();
  #watcher: FSWatcher | null = null;
  #waking = false;
  readonly #hasChanged: () => boolean;
  #cancelLook: (() => void) | null = null;
  #looks = 0;
  #pauseMs = 0;

  /**
   * @param file `null` for a database in memory, which nobody else writes
   * @param hasChanged whether others have committed anything since it was last asked
   */
  constructor(file: string | null, hasChanged: () => boolean) {
    this.#log = file === null ? null : `${file}-wal`;
    this.#hasChanged = hasChanged;
  }

  listen(wake: () => void): () => void {
    // Wrapped: the same function may listen twice.
    const listener = (): void => wake();
    this.#listeners.add(listener);
    this.#watcher ??= this.#watch();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  /** Not before the caller has its answer: what a listener does is not part of the commit. */
  wake(): void {
    if (this.#waking || this.#listeners.size === 0) return;
    this.#waking = true;
    queueMicrotask(() => {
      this.#waking = false;
      for (const listener of this.#listeners) listener();
    });
  }

  close(): void {
    this.#listeners.clear();
    this.#stop();
  }

  #watch(): FSWatcher | null {
    if (this.#log === null) return null;
    const name = basename(this.#log);
    try {
      const watcher = watch(dirname(this.#log), { persistent: false }, (_, changed) => {
        if (changed === name) this.#logChanged();
      });
      // Without notifications, as where the system has no watches left, the poll of the core still finds everything.
      watcher.on('error', () => this.#stop());
      return watcher;
    } catch {
      return null;
    }
  }

  #logChanged(): void {
    const isBusy = this.#cancelLook !== null && this.#pauseMs <= 1;
    // Of many writes in a row the first is looked at now, the others by the looks that follow anyway.
    if (isBusy) {
      this.#looks = Math.min(this.#looks, 0);
      return;
    }
    this.#cancelLook?.();
    this.#looks = -LOOKS_AT_ONCE;
    this.#look();
  }

  #look(): void {
    if (this.#hasChanged()) this.wake();
    const ms = this.#looks < 0 ? 0 : LOOKS_MS[this.#looks];
    this.#pauseMs = ms ?? 0;
    this.#cancelLook = this.#lookLater(ms);
    this.#looks += 1;
  }

  #lookLater(ms: number | undefined): (() => void) | null {
    if (ms === undefined) return null;
    // Real time: what is waited for is a write of another process, and only a wake-up hangs on it.
    /* oxlint-disable no-restricted-globals */
    if (ms === 0) {
      const immediate = setImmediate(() => this.#look());
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(() => this.#look(), ms).unref();
    return () => clearTimeout(timer);
    /* oxlint-enable no-restricted-globals */
  }

  #stop(): void {
    this.#watcher?.close();
    this.#watcher = null;
    this.#cancelLook?.();
    this.#cancelLook = null;
  }
}
