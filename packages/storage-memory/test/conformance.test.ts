import type { Backend } from '@omniq/core/storage';
import { conformance } from '@omniq/testkit/storage';
import { describe, test } from 'vitest';
import memory from '../src/index.ts';
import { plainer } from './plainer.ts';

let opened = 0;

conformance('memory', () => memory.open('memory:', {}), { describe, test });

conformance('memory, shared by name', openShared, { describe, test });

// The other branch of each capability that the memory store has.
conformance('memory without all it can leave out', async () => plainer(await memory.open('memory:', {})), {
  describe,
  test,
});

async function openShared(): Promise<Backend & { again(): Promise<Backend> }> {
  opened += 1;
  const url = `memory://shared-${opened}`;
  return Object.assign(await memory.open(url, {}), { again: () => memory.open(url, {}) });
}
