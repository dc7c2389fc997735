import { systemAmbient } from '@omniq/core';
import { layeredBackend, type Backend } from '@omniq/core/storage';
import { conformance } from '@omniq/testkit/storage';
import { describe, test } from 'vitest';
import memory from '../src/index.ts';
import { plainest, withCapabilities } from './with-capabilities.ts';

let opened = 0;

conformance('memory', () => memory.open('memory:', {}), {
  describe,
  test,
  wrap: (backend) => layeredBackend(backend, { backend: 'memory', ambient: systemAmbient }),
});

conformance('memory, shared by name', openShared, { describe, test });

// The other branch of each capability that the memory store has.
conformance('memory without all it can leave out', openPlainest, { describe, test });

async function openPlainest(): Promise<Backend> {
  return withCapabilities(await memory.open('memory:', {}), plainest);
}

async function openShared(): Promise<Backend & { again(): Promise<Backend> }> {
  opened += 1;
  const url = `memory://shared-${opened}`;
  return Object.assign(await memory.open(url, {}), { again: () => memory.open(url, {}) });
}
