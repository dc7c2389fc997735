import { conformance } from '@omniq/testkit/storage';
import { describe, test } from 'vitest';
import memory from '../src/index.ts';

let opened = 0;

conformance('memory', () => memory.open('memory:', {}), { describe, test });

conformance('memory, shared by name', openShared, { describe, test });

async function openShared() {
  opened += 1;
  const url = `memory://shared-${opened}`;
  return Object.assign(await memory.open(url, {}), { again: () => memory.open(url, {}) });
}
