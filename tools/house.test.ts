import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { publishedPackages, root, type Manifest } from './published.ts';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const manifestOf = (folder: string): Manifest => JSON.parse(read(join(folder, 'package.json'))) as Manifest;

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));
const apps = readdirSync(join(root, 'apps')).map((name) => ({
  folder: `apps/${name}`,
  manifest: manifestOf(`apps/${name}`),
}));
const workspace = [...publishedPackages(), ...apps];

describe('files', () => {
  test('no folder or file is named for nothing', () => {
    const vague = /(^|\/)(utils?|common|helpers?|misc|shared)(\/|\.ts$)|(Manager|Helper|Impl)\b/i;
    expect(files.filter((file) => vague.test(file) && !file.startsWith('docs/'))).toEqual([]);
  });

  test('no source file is over 400 lines, and half of them are under 110', () => {
    const sources = files.filter((file) => /^(packages|apps)\/[^/]+\/src\/.*\.ts$/.test(file));
    const lengths = sources.map((file) => ({ file, lines: read(file).split('\n').length }));
    expect(lengths.filter(({ lines }) => lines > 400)).toEqual([]);
    const sorted = lengths.map(({ lines }) => lines).toSorted((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(110);
  });

  test('every link from one page to another leads to a file', () => {
    const dead = files
      .filter((file) => file.endsWith('.md'))
      .flatMap((page) =>
        [...read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
          .map(([, link = '']) => ({ page, link }))
          .filter(({ link }) => !existsSync(join(root, dirname(page), link))),
      );
    expect(dead).toEqual([]);
  });
});

describe.each(publishedPackages().map((each) => [each.manifest.name, each] as const))(
  '%s',
  (_name, { folder, manifest }) => {
    test('can be published as it is', () => {
      expect(manifest).toMatchObject({
        name: `@omniq/${folder.replace('packages/', '')}`,
        license: 'MIT',
        type: 'module',
        engines: { node: expect.stringMatching(/^>=22\.\d+$/) as string },
        publishConfig: { access: 'public' },
      });
      expect(manifest.description).toMatch(/^[A-Z].*\.$/);
      expect(manifest.files).toEqual(expect.arrayContaining(['dist', 'src', '!dist/.tsbuildinfo']));
      expect(read(`${folder}/README.md`)).toContain(manifest.name);
    });

    test('opens the same doors in the workspace and published', () => {
      const published = Object.entries(manifest.exports ?? {}).map(([door, source]) => {
        const built = source.replace('./src/', './dist/').replace(/\.ts$/, '');
        return [door, { types: `${built}.d.ts`, default: `${built}.js` }];
      });
      expect(manifest.publishConfig?.exports).toEqual(Object.fromEntries(published));
      const bins = Object.entries(manifest.bin ?? {}).map(([name, source]) => [
        name,
        source.replace('./src/', './dist/').replace(/\.ts$/, '.js'),
      ]);
      expect(manifest.publishConfig?.bin ?? {}).toEqual(Object.fromEntries(bins));
    });

    test('has the core as a peer if it plugs into it', () => {
      if (!/^packages\/(storage|worker)-/.test(folder)) return;
      expect(manifest.peerDependencies).toEqual({ '@omniq/core': 'workspace:^' });
      const own = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith('@omniq/'));
      expect(own.filter((name) => name !== '@omniq/storage-log')).toEqual([]);
    });
  },
);

describe('versions', () => {
  const catalog = [...read('pnpm-workspace.yaml').matchAll(/^ {2}'?([^'\s]+?)'?: (\^?\d\S*)$/gm)].map(
    ([, name = '', range = '']) => ({ name, range }),
  );
  const used = workspace.flatMap(({ folder, manifest }) =>
    [manifest.dependencies, manifest.peerDependencies, manifest.devDependencies].flatMap((each) =>
      Object.entries(each ?? {}).map(([name, version]) => ({ folder, name, version })),
    ),
  );

  test('of every dependency there is one, that of the catalog', () => {
    expect(used.filter(({ version }) => version !== 'catalog:' && version !== 'workspace:^')).toEqual([]);
  });

  test('the catalog names ranges, which users can share, and nothing unused', () => {
    expect(catalog.length).toBeGreaterThan(10);
    expect(catalog.filter(({ range }) => !range.startsWith('^'))).toEqual([]);
    const names = new Set(used.map(({ name }) => name));
    expect(catalog.filter(({ name }) => !names.has(name))).toEqual([]);
  });

  test('all published packages have one, and are released together', () => {
    expect(new Set(publishedPackages().map(({ manifest }) => manifest.version)).size).toBe(1);
    expect(new Set(publishedPackages().map(({ manifest }) => manifest.engines?.['node'])).size).toBe(1);
    const { fixed } = JSON.parse(read('.changeset/config.json')) as { fixed: readonly string[][] };
    expect(fixed).toEqual([['@omniq/*', '!@omniq/app-*']]);
    for (const { folder, manifest } of apps)
      expect(manifest).toMatchObject({ name: folder.replace('apps/', '@omniq/app-'), private: true });
  });

  test('a changeset names packages that are published', () => {
    const names = new Set(publishedPackages().map(({ manifest }) => manifest.name));
    const changesets = files.filter((file) => /^\.changeset\/(?!README).*\.md$/.test(file));
    const named = changesets.flatMap((file) => [...read(file).matchAll(/^'([^']+)': (?:patch|minor|major)$/gm)]);
    expect(named.map(([, name = '']) => name).filter((name) => !names.has(name))).toEqual([]);
  });
});

describe('root', () => {
  const manifest = manifestOf('.');

  test('depends on tools only: what it has, every package could import undeclared', () => {
    expect(manifest.dependencies).toBeUndefined();
    const tools =
      /^(@arethetypeswrong\/cli|@changesets\/cli|@types\/node|ox\w+(-\w+)?|pnpm|publint|turbo|typescript|vitest)$/;
    expect(Object.keys(manifest.devDependencies ?? {}).filter((name) => !tools.test(name))).toEqual([]);
    expect(Object.keys(manifest.optionalDependencies ?? {}).filter((name) => !name.startsWith('node-linux-'))).toEqual(
      [],
    );
  });

  test('builds and checks every package and app', () => {
    const { references } = JSON.parse(read('tsconfig.json')) as { references: readonly { path: string }[] };
    expect(references.map(({ path }) => path).toSorted()).toEqual(
      [...workspace.map(({ folder }) => folder), 'tsconfig.test.json'].toSorted(),
    );
  });

  test.each(['quickstart', 'test', 'check', 'matrix', 'bench'])('%s --help says what it does', (name) => {
    const script = /^node (\S+\.ts)$/.exec(manifest.scripts?.[name] ?? '')?.[1];
    const help = execFileSync(process.execPath, [join(root, script ?? ''), '--help'], { cwd: root, encoding: 'utf8' });
    expect(help).toMatch(new RegExp(`pnpm(@12)? ${name} .*\\[`));
    expect(help.length).toBeGreaterThan(200);
  });
});
