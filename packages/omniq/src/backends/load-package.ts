import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The module behind a package name or `./path`, as the application in folder `from` sees it; `undefined` if it has none. */
export async function loadFrom(from: string, specifier: string): Promise<unknown> {
  const file = resolveFrom(from, specifier);
  return file === undefined ? undefined : ((await import(pathToFileURL(file).href)) as unknown);
}

/** The file to import. What an installed package then throws is its own. */
function resolveFrom(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) {
    const file = resolve(from, specifier);
    return existsSync(file) ? file : undefined;
  }
  const require = createRequire(join(resolve(from), 'package.json'));
  try {
    return require.resolve(specifier);
  } catch {
    // A package for `import` alone is not found by `require`: its manifest says where it is.
    return importOnly(require.resolve.paths(specifier) ?? [], specifier);
  }
}

function importOnly(folders: readonly string[], specifier: string): string | undefined {
  for (const folder of folders) {
    const manifest = join(folder, specifier, 'package.json');
    if (!existsSync(manifest)) continue;
    const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as { exports?: unknown };
    const entry = entryOf((exports as Record<string, unknown> | undefined)?.['.'] ?? exports);
    if (entry !== undefined) return join(dirname(manifest), entry);
  }
  return undefined;
}

function entryOf(target: unknown): string | undefined {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  const { node, import: imported, default: otherwise } = target as Record<string, unknown>;
  return [node, imported, otherwise].map(entryOf).find((entry) => entry !== undefined);
}
