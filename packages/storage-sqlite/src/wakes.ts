import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';

/** The change of the file can be seen before the commit is: a listener looks again after so many ms. */
const ECHOES_MS = [1, 2, 8] as const;

/**
 * Tells listeners that something was committed: here, at once, and by other processes, through the write-ahead log. The
 * directory is watched, not the log itself, which comes and goes. While echoes are under way further changes add none,
 * so a busy file wakes nobody more than a few times in 10 ms.
 */
export class Wakes {
  readonly #log: string | null;
  readonly #listeners = new Set<() => void>();
  #watcher: FSWatcher | null = null;
  #echoing = false;
  #changed = false;

  /** `file` is `null` for a database in memory, which nobody else writes. */
  constructor(file: string | null) {
    this.#log = file === null ? null : `${file}-wal`;
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

  wake(): void {
    for (const listener of this.#listeners) listener();
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
    this.#changed = true;
    if (this.#echoing) return;
    this.#echoing = true;
    this.#changed = false;
    this.wake();
    this.#echo(0);
  }

  #echo(index: number): void {
    const [ms, before] = [ECHOES_MS[index], ECHOES_MS[index - 1] ?? 0];
    if (ms === undefined) {
      this.#echoing = false;
      if (this.#changed) this.#logChanged();
      return;
    }
    setTimeout(() => {
      this.wake();
      this.#echo(index + 1);
    }, ms - before).unref();
  }

  #stop(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }
}
