import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The version of the package that a module of this name comes from, as `from` sees it; `undefined` if it has none. */
export function packageVersion(name: string, from: string): string | undefined {
  for (const folder of [join(from, 'package.json'), fileURLToPath(import.meta.url)]) {
    const file = resolved(name, folder);
    const version = file === undefined ? undefined : versionAbove(file, name);
    if (version !== undefined) return version;
  }
  return undefined;
}

function resolved(name: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}

/** Walks up to the manifest that has this name. */
function versionAbove(file: string, name: string): string | undefined {
  const folder = dirname(file);
  if (folder === file) return undefined;
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) return versionAbove(folder, name);
  const { name: found, version } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown; version?: unknown };
  return found === name && typeof version === 'string' ? version : versionAbove(folder, name);
}
