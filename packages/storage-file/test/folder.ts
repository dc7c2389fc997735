import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A way to paths for fresh folders, all gone after the tests of the file. */
export function freshFolders(): () => string {
  const root = mkdtempSync(join(tmpdir(), 'omniq-file-'));
  let folders = 0;
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return () => {
    folders += 1;
    return join(root, String(folders));
  };
}
