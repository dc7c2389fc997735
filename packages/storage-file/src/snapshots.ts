import { dirname } from 'node:path';
import type { LogSnapshot } from '@omniq/core/storage';
import { namesIn, readFile, removeFile, renameFile, type Disk } from './disk.ts';
import { frameHead, unframe } from './frame.ts';
import { digitsOf, withGeneration } from './layout.ts';
import { generationOf, quarantineFor, type View } from './marks.ts';

const snapshotName = /^(\d{16})(?:\.(\d{1,6}))?$/;
/** A state that one process cannot hold was not written by one. */
const MAX_BYTES = 4 * 1_024 ** 3;
const KEPT = 2;

/**
 * Snapshots by position. One made of entries behind a cut bears the generation of those, and counts no more: no slow
 * writer can bring such a state back.
 */
export class Snapshots {
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  async save(view: View, position: number, bytes: Uint8Array): Promise<void> {
    const path = this.#path(view, position);
    const parts = [frameHead('snapshot', position, [bytes]), bytes];
    for (let saved = false; !saved;) {
      saved = (await this.#disk.create(path, parts)) || !this.#removeDamaged(path, position);
    }
    await this.#disk.syncFolders(dirname(path));
  }

  /** The whole one of the highest position. */
  newest(view: View): LogSnapshot | null {
    for (const position of this.#positions(view)) {
      const bytes = contentOf(this.#path(view, position), position);
      if (bytes !== null) return { position, bytes };
    }
    return null;
  }

  /** Forgets all but the newest whole two, and those that no longer count. */
  prune(view: View): void {
    const kept = new Set<string>();
    for (const position of this.#positions(view)) {
      const path = this.#path(view, position);
      if (kept.size < KEPT && (kept.size > 0 || contentOf(path, position) !== null)) kept.add(path);
    }
    if (kept.size === 0) return;
    for (const name of namesIn(this.#disk.path('snapshots'))) {
      const path = this.#disk.path('snapshots', name);
      if (snapshotName.test(name) && !kept.has(path)) removeFile(path);
    }
  }

  /** Positions of those that count, highest first. */
  #positions(view: View): number[] {
    return namesIn(this.#disk.path('snapshots'))
      .flatMap((name) => {
        const [, digits, generation = '0'] = snapshotName.exec(name) ?? [];
        if (digits === undefined) return [];
        return Number(generation) === generationOf(view, Number(digits)) ? [Number(digits)] : [];
      })
      .sort((a, b) => b - a);
  }

  #path(view: View, position: number): string {
    return this.#disk.path('snapshots', withGeneration(digitsOf(position), generationOf(view, position)));
  }

  /** Returns whether there is room for a new one: what is there already stays if it is whole. */
  #removeDamaged(path: string, position: number): boolean {
    if (contentOf(path, position) !== null) return false;
    renameFile(path, `${quarantineFor(this.#disk, 'snapshots')}/${digitsOf(position)}-${this.#disk.unique()}`);
    return true;
  }
}

function contentOf(path: string, position: number): Uint8Array | null {
  const file = readFile(path, MAX_BYTES) ?? null;
  if (file === null) return null;
  const content = unframe('snapshot', position, file);
  return typeof content === 'string' ? null : content;
}
