import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '../../packages/core/src/storage/index.ts';
import file from '../../packages/storage-file/src/index.ts';
import memory from '../../packages/storage-memory/src/index.ts';
import sqlite from '../../packages/storage-sqlite/src/index.ts';
import { beginOn } from '../../packages/storage-sqlite/test/begin-on.ts';
import type { Opened } from '../../packages/testkit/src/storage/index.ts';

/** A backend with fresh data each time it is opened. */
export interface Subject {
  readonly name: string;
  readonly open: () => Promise<Opened>;
}

export interface Subjects {
  readonly all: readonly Subject[];
  readonly close: () => Promise<void>;
}

export async function openSubjects(): Promise<Subjects> {
  const folder = await mkdtemp(join(tmpdir(), 'omniq-matrix-'));
  let opened = 0;
  const next = (): number => (opened += 1);
  const database = async (): Promise<Opened> => {
    const path = join(folder, `${next()}.db`);
    return { ...(await again((url) => sqlite.open(url, {}), `sqlite:${path}`)), begin: async () => beginOn(path) };
  };
  return {
    all: [
      { name: 'memory', open: () => again((url) => memory.open(url, {}), `memory://matrix-${next()}`) },
      { name: 'file', open: () => again((url) => file.open(url, {}), `file:${join(folder, `jobs-${next()}`)}`) },
      { name: 'sqlite', open: database },
    ],
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function again(open: (url: string) => Promise<Backend>, url: string): Promise<Opened> {
  return { ...(await open(url)), again: () => open(url) };
}
