import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A way to fresh database files, all gone after the tests of the file. */
export function freshFiles(): () => string {
  const folder = mkdtempSync(join(tmpdir(), 'omniq-sqlite-'));
  let files = 0;
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return () => {
    files += 1;
    return join(folder, `${files}.db`);
  };
}
