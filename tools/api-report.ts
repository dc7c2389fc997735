import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { declarationOf, exportsOf, type Export } from './api/declaration.ts';
import { build } from './build.ts';
import { optionsOf } from './options.ts';
import { publishedPackages, root, type PublishedPackage } from './published.ts';

const HELP = `node tools/api-report.ts [--update]

Compares docs/api with everything that the packages export, so that every change of the public API shows in review.
  --update  writes the pages`;

/** One page per package: what each of its doors exports, with its declaration. */
async function page({ folder, manifest }: PublishedPackage): Promise<string> {
  const doors = Object.entries(manifest.exports ?? {}).filter(([, source]) => source.endsWith('.ts'));
  const parts = await Promise.all(
    doors.map(async ([door, source]) => {
      const text = await declarations(join(root, folder, built(source)));
      return `## ${manifest.name}${door.slice(1)}\n\n\`\`\`ts\n${text}\n\`\`\`\n`;
    }),
  );
  return [`# API of ${manifest.name}\n`, 'Written by `node tools/api-report.ts --update`.\n', ...parts].join('\n');
}

async function declarations(file: string): Promise<string> {
  const text = await readFile(file, 'utf8');
  const found = await Promise.all(exportsOf(text).map(async (each) => [each.name, await declaration(each, file)]));
  return found
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))
    .map(([, lines]) => lines)
    .join('\n\n');
}

/** Follows the name to the file that declares it. */
async function declaration({ name, local, from }: Export, file: string): Promise<string> {
  const alias = name === local ? name : `${local} as ${name}`;
  if (from !== undefined && !from.startsWith('.')) return `export { ${alias} } from '${from}';`;
  const home = from === undefined ? file : join(file, '..', from.replace(/\.[jt]s$/, '.d.ts'));
  const text = await readFile(home, 'utf8');
  const declared = declarationOf(text, local);
  if (declared !== undefined) return name === local ? declared : `${declared}\nexport { ${alias} };`;
  const onward = exportsOf(text).find((each) => each.name === local && each.from !== undefined);
  if (onward === undefined) throw new Error(`${local} is exported by ${file}, and ${home} does not declare it`);
  return declaration(onward, home);
}

/** The declaration file that is built from a source. */
function built(source: string): string {
  return source.replace(/^\.\/src\//, 'dist/').replace(/\.ts$/, '.d.ts');
}

async function main(update: boolean): Promise<number> {
  await build();
  await mkdir(join(root, 'docs/api'), { recursive: true });
  const stale: string[] = [];
  for (const each of publishedPackages()) {
    const path = each.folder.replace(/^packages\/(.*)$/, 'docs/api/$1.md');
    const text = await page(each);
    if ((await readFile(join(root, path), 'utf8').catch(() => '')) === text) continue;
    stale.push(path);
    if (update) await writeFile(join(root, path), text);
  }
  if (stale.length > 0) console.error(`${update ? 'Written' : 'Stale'}: ${stale.join(', ')}`);
  if (stale.length > 0 && !update) console.error('Write them with: node tools/api-report.ts --update');
  return stale.length > 0 && !update ? 1 : 0;
}

const options = optionsOf(HELP, { update: { type: 'boolean' } });
if (options !== undefined) process.exitCode = await main(options.update === true);
