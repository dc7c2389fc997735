import { systemAmbient } from '@omniq/core';
import { layeredBackend } from '@omniq/core/storage';
import { conformance, type Opened } from '@omniq/testkit/storage';
import { describe, test } from 'vitest';
import file, { type FileOptions } from '../src/index.ts';
import { freshFolders } from './folder.ts';

const fresh = freshFolders();

conformance('files', () => open({ durability: 'full' }), {
  describe,
  test,
  wrap: (backend) => layeredBackend(backend, { backend: 'file', ambient: systemAmbient }),
});

conformance('files, durability none', () => open({ durability: 'none' }), { describe, test });

// For tasks that live elsewhere.
conformance('files without tasks', () => open({ tasks: false }), {
  describe: (name, body) =>
    name === 'tasks' || name === 'schedules'
      ? undefined
      : describe(name, () => {
          body();
        }),
  test,
});

async function open(options: FileOptions): Promise<Opened> {
  const url = `file:${fresh()}`;
  const again = () => file.open(url, { ...options });
  return Object.assign(await again(), { again });
}
