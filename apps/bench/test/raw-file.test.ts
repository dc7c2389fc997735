import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { rawQueueSuite } from './raw-queue-suite.ts';

const folder = await mkdtemp(join(tmpdir(), 'bench-test-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

rawQueueSuite('raw-file', (scope) => join(folder, scope));
rawQueueSuite('raw-file-fsync', (scope) => join(folder, scope));
