import { afterAll, describe, test } from 'vitest';
import { modelBased } from '../../src/model-based/index.ts';
import { openMemory, openSharedMemory, openSqliteInMemory, SqliteFiles } from './subjects.ts';

const files = new SqliteFiles();
afterAll(() => files.remove());

const runner = { describe, test };
const options = { reference: openMemory };

modelBased('sqlite in memory', openSqliteInMemory, runner, { ...options, modes: ['sequential', 'layered'] });

// Several connections share a file, each with what it remembers of its own.
modelBased('sqlite', files.open, runner, { ...options, modes: ['concurrent'] });

// Of the same make as the reference: in order it can only agree, several at once are another matter.
modelBased('memory', openSharedMemory, runner, { reference: openMemory, modes: ['concurrent'], limitMs: 3_000 });
