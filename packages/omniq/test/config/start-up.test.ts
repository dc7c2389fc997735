import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const src = join(import.meta.dirname, '../../src');

/** The packages that importing this module loads, in a process of its own. */
function packagesLoadedBy(file: string): readonly string[] {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = new Set();
    registerHooks({ resolve(name, context, next) { if (/^[a-z@]/.test(name) && !name.includes(':')) loaded.add(name); return next(name, context); } });
    await import(${JSON.stringify(pathToFileURL(join(src, file)).href)});
    console.log(JSON.stringify([...loaded]));
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: join(src, '..'),
    encoding: 'utf8',
  });
  return JSON.parse(output) as string[];
}

test('importing the package loads neither zod, nor yaml, nor pino', () => {
  const loaded = packagesLoadedBy('index.ts');
  expect(loaded.filter((name) => /^(?:zod|yaml|pino)/u.test(name))).toEqual([]);
});

test('opening stores without configuration files loads no yaml', () => {
  expect(packagesLoadedBy('config/resolve-config.ts')).toContain('zod/mini');
  expect(packagesLoadedBy('config/resolve-config.ts')).not.toContain('yaml');
  expect(packagesLoadedBy('backends/open-stores.ts').filter((name) => /^(?:zod|yaml|pino)/u.test(name))).toEqual([]);
});
