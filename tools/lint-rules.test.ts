import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { root } from './published.ts';

/** Lints one line as if it stood in this folder. */
function lint(folder: string, line: string): string {
  const file = `${root}/${folder}/lint-rules-sample-${process.pid}.ts`;
  writeFileSync(file, `${line}\n`);
  try {
    const { stdout, stderr } = spawnSync('oxlint', [file], { cwd: root, encoding: 'utf8' });
    return stdout + stderr;
  } finally {
    rmSync(file);
  }
}

test.each([
  ['packages/core/src/queue', "export { memory } from '@omniq/storage-memory';", 'core imports no other package'],
  [
    'packages/core/src/storage',
    "export { Engine } from '../queue/engine.ts';",
    'the contract imports nothing but errors',
  ],
  ['packages/core/src/model', "export { Engine } from '../queue/engine.ts';", 'models stand below the engine'],
  ['packages/core/src/queue', 'export const now = Date.now();', 'time comes in'],
  ['packages/storage-sqlite/src', "export { Engine } from '@omniq/core';", 'a backend imports only'],
  ['packages/storage-sqlite/src', "export { memory } from '@omniq/storage-memory';", 'a backend imports only'],
  ['packages/storage-memory/src', 'export const now = Date.now();', 'time comes in'],
  ['packages/worker-async/src', "export { memory } from '@omniq/storage-memory';", 'a worker imports only'],
  ['packages/testkit/src', "export { memory } from '@omniq/storage-memory';", 'the kit imports only the core'],
  ['packages/cli/src', "export { Engine } from '@omniq/core';", 'the command line uses the public API'],
  ['packages/omniq/src', "export { Engine } from '@omniq/core/src/queue/engine.ts';", 'by its name'],
])('in %s, %s is refused', (folder, line, message) => {
  expect(lint(folder, line)).toContain(message);
});

test.each([
  ['packages/storage-sqlite/src', "export { OmniQError } from '@omniq/core/storage';"],
  ['packages/worker-async/src', "export type { Executor } from '@omniq/core/worker';"],
  ['packages/omniq/src', "export { Engine } from '@omniq/core';"],
])('in %s, %s is fine', (folder, line) => {
  expect(lint(folder, line)).not.toContain('no-restricted');
});
