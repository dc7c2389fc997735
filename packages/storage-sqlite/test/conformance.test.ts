import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, test } from 'vitest';
import { conformance } from '@omniq/testkit/storage';
import { sqlite } from '@omniq/storage-sqlite';
import { beginOn } from './begin-on.ts';

const folder = await mkdtemp(join(tmpdir(), 'omniq-sqlite-'));
let files = 0;

afterAll(() => rm(folder, { recursive: true, force: true }));

conformance(
  'sqlite',
  async () => {
    files += 1;
    const file = join(folder, `${files}.db`);
    return { ...(await sqlite(file)), again: () => sqlite(file), begin: async () => beginOn(file) };
  },
  { describe, test },
);

conformance('sqlite in memory', () => sqlite(':memory:'), { describe, test });
