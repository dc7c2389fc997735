import fs, { type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { namesIn } from './disk.ts';
import { groupNamed } from './layout.ts';

/** Tells of new entries by what the system tells of the folder that the last ones lie in. Only ever a hint. */
export class LogWatcher {
  readonly #folder: string;
  readonly #wakes = new Set<() => void>();
  #groups: FSWatcher | null = null;
  #group: { readonly name: string; readonly watcher: FSWatcher | null } | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  add(wake: () => void): () => void {
    // One entry for each call, even of the same function.
    const each = (): void => wake();
    this.#wakes.add(each);
    if (this.#wakes.size === 1) this.#start();
    return () => {
      if (this.#wakes.delete(each) && this.#wakes.size === 0) this.#stop();
    };
  }

  close(): void {
    this.#wakes.clear();
    this.#stop();
  }

  #start(): void {
    this.#groups = watchFolder(this.#folder, () => {
      this.#follow();
      this.#ring();
    });
    this.#follow();
  }

  #stop(): void {
    this.#groups?.close();
    this.#group?.watcher?.close();
    this.#groups = null;
    this.#group = null;
  }

  /** New entries come into the last group. */
  #follow(): void {
    const newest = namesIn(this.#folder)
      .flatMap((name) => groupNamed(name) ?? [])
      .sort((a, b) => a.first - b.first || a.generation - b.generation)
      .at(-1)?.name;
    if (newest === undefined || newest === this.#group?.name) return;
    this.#group?.watcher?.close();
    this.#group = { name: newest, watcher: watchFolder(join(this.#folder, newest), () => this.#ring()) };
  }

  #ring(): void {
    for (const wake of this.#wakes) wake();
  }
}

/** `null` where the system has no watch left: whoever waits looks by itself now and then. */
function watchFolder(folder: string, changed: () => void): FSWatcher | null {
  try {
    return fs.watch(folder, { persistent: false }, changed).on('error', () => {});
  } catch {
    return null;
  }
}
