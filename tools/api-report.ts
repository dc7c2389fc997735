import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { publishedPackages, root } from './published.ts';

// One page per package with everything that its doors export, so that every change of the public API shows in review.
// `node tools/api-report.ts` fails if a page is stale, `--update` writes it. Needs `tsc -b` before.
const update = process.argv.includes('--update');
const stale: string[] = [];

for (const { folder, manifest } of publishedPackages()) {
  const doors = Object.entries(manifest.exports ?? {}).filter(([, path]) => path.endsWith('.ts'));
  const parts = await Promise.all(
    doors.map(([door, path]) => report(`${manifest.name}${door.slice(1)}`, `${root}/${folder}`, path)),
  );
  const page = `docs/api/${folder.slice('packages/'.length)}.md`;
  const text = `# API of ${manifest.name}\n\nWritten by \`node tools/api-report.ts --update\`.\n${parts.join('')}`;
  if ((await readFile(`${root}/${page}`, 'utf8').catch(() => '')) === text) continue;
  stale.push(page);
  if (!update) continue;
  await mkdir(`${root}/docs/api`, { recursive: true });
  await writeFile(`${root}/${page}`, text);
}

if (stale.length > 0) console.error(`${update ? 'Written' : 'Stale'}: ${stale.join(', ')}`);
if (stale.length > 0 && !update) process.exitCode = 1;

/** The names that a door exports, with where each is declared. */
async function report(door: string, packageFolder: string, source: string): Promise<string> {
  const declarations = source.replace(/^\.\/src\//, 'dist/').replace(/\.ts$/, '.d.ts');
  const text = await readFile(`${packageFolder}/${declarations}`, 'utf8');
  const exported = [...text.matchAll(/export (type )?\{([^}]*)\} from '([^']+)'/g)].flatMap(
    ([, type, names = '', from = '']) =>
      names
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '')
        .map((name) => ({ name: type === undefined ? name : `type ${name}`, from })),
  );
  const own = [...text.matchAll(/export declare (?:async )?(?:const|function|class) (\w+)/g)].map(([, name = '']) => ({
    name,
    from: '.',
  }));
  const lines = await Promise.all(
    [...exported, ...own].map(({ name, from }) => line(name, from, `${packageFolder}/${declarations}`)),
  );
  return `\n## ${door}\n\n${lines.toSorted().join('\n')}\n`;
}

async function line(name: string, from: string, declarations: string): Promise<string> {
  const plain = name.replace(/^type /, '').split(' as ')[0] ?? name;
  const file =
    from.startsWith('.') && from !== '.'
      ? new URL(from.replace(/\.js$/, '.d.ts'), `file://${declarations}`).pathname
      : '';
  if (!existsSync(file)) return `- \`${name}\`${from === '.' ? '' : ` from \`${from}\``}`;
  const text = await readFile(file, 'utf8');
  const signature = new RegExp(
    `export (?:declare )?(?:async )?(?:const|function|class|interface|type) ${plain}\\b[^{;=]*`,
  ).exec(text)?.[0];
  return `- \`${name}\`${
    signature === undefined
      ? ''
      : `: \`${signature
          .replace(/^export (declare )?/, '')
          .replaceAll(/\s+/g, ' ')
          .trim()}\``
  }`;
}
