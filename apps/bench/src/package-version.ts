import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The version of the package that an import of this name loads here. */
export function packageVersion(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.resolve(name)));
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    const found = readManifest(join(folder, 'package.json'));
    if (found?.name === name && found.version !== undefined) return found.version;
  }
  throw new Error(`The package of ${name} has no manifest.`);
}

function readManifest(path: string): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name?: string; version?: string };
  } catch {
    return undefined; // No manifest in this folder: the one above may have it.
  }
}
