import { systemAmbient } from '@omniq/core';
import { layeredBackend, type Backend } from '@omniq/core/storage';
import { conformance, type Opened } from '@omniq/testkit/storage';
import { describe, test } from 'vitest';
import { openLogBackend } from '../src/index.ts';
import { MemoryRecords } from './engine/memory-records.ts';
import { openMemoryLog, SharedMemory } from './log/memory-log.ts';

// A log gives tasks, results and schedules; the rest is the backend's.
const stores = (name: string, body: () => void): unknown =>
  name === 'events' || name === 'records'
    ? undefined
    : describe(name, () => {
        body();
      });

describe.each(['writers', 'log'] as const)('over a log that its %s number', (numberedBy) => {
  conformance(`a log numbered by ${numberedBy}`, () => openShared(numberedBy), {
    describe: stores,
    test,
    wrap: (backend) => layeredBackend(backend, { backend: 'log', ambient: systemAmbient }),
  });
});

async function openShared(numberedBy: 'writers' | 'log'): Promise<Opened> {
  const memory = new SharedMemory();
  const records = new MemoryRecords();
  const again = async (): Promise<Backend> => {
    const log = await openMemoryLog(memory, { numberedBy, clock: null, durable: true });
    return openLogBackend({ log, records });
  };
  return Object.assign(await again(), { again });
}
