import { utimesSync, watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';

/**
 * Tells listeners that something was committed: here, at once, and by other processes, who touch a file that all of them
 * watch. They do so after the commit: a write to the log itself is seen a whole flush too early, and one of many.
 */
export class Wakes {
  readonly #file: string | null;
  readonly #listeners = new Set<() => void>();
  readonly #hasChanged: () => boolean;
  #watcher: FSWatcher | null = null;
  #waking = false;

  /**
   * @param file what is touched; `null` for a database in memory, which nobody else writes
   * @param hasChanged whether others have committed anything since it was last asked
   */
  constructor(file: string | null, hasChanged: () => boolean) {
    this.#file = file;
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

  /** After a commit of this process: tells the others, and its own listeners. */
  committed(): void {
    this.#touch();
    this.#wake();
  }

  close(): void {
    this.#listeners.clear();
    this.#stop();
  }

  /** Not before the caller has its answer: what a listener does is not part of the commit. */
  #wake(): void {
    if (this.#waking || this.#listeners.size === 0) return;
    this.#waking = true;
    queueMicrotask(() => {
      this.#waking = false;
      for (const listener of this.#listeners) listener();
    });
  }

  #touch(): void {
    if (this.#file === null) return;
    try {
      // Real time, as it becomes the date of the file: nothing reads it.
      // oxlint-disable-next-line no-restricted-globals
      const now = new Date();
      utimesSync(this.#file, now, now);
    } catch {
      // It was deleted, say. Without notifications the poll of the core still finds everything.
    }
  }

  /** The directory, not the file, which may go and come back. */
  #watch(): FSWatcher | null {
    if (this.#file === null) return null;
    const name = basename(this.#file);
    try {
      const watcher = watch(dirname(this.#file), { persistent: false }, (_, changed) => {
        if (changed === name && this.#hasChanged()) this.#wake();
      });
      // As where the system has no watches left: the poll again.
      watcher.on('error', () => this.#stop());
      return watcher;
    } catch {
      return null;
    }
  }

  #stop(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }
}
