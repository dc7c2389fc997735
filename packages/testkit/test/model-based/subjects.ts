import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '@omniq/core/storage';
import memory from '@omniq/storage-memory';
import type { OpenBackend } from '../../src/storage/case.ts';
// By its path: the package tests itself with this one, and a dependency would make the builds wait for each other.
import { sqlite } from '../../../storage-sqlite/src/index.ts';

export const openMemory = (): Promise<Backend> => memory.open('memory:', {});

let named = 0;

/** A memory that several clients share. */
export const openSharedMemory: OpenBackend = async () => {
  named += 1;
  const url = `memory://model-${named}`;
  return { ...(await memory.open(url, {})), again: () => memory.open(url, {}) };
};

export const openSqliteInMemory = (): Promise<Backend> => sqlite(':memory:');

/** Opens database files that several connections share, and removes them. */
export class SqliteFiles {
  readonly #folder = mkdtempSync(join(tmpdir(), 'omniq-model-'));
  #files = 0;

  readonly open: OpenBackend = async () => {
    this.#files += 1;
    const file = join(this.#folder, `${this.#files}.db`);
    const again = (): Promise<Backend> => sqlite(file, { synchronous: 'normal' });
    return { ...(await again()), again };
  };

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
