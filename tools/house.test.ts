import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { publishedPackages, root } from './published.ts';

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(`${root}/${file}`));
const sources = files.filter((file) => /^(packages|apps)\/[^/]+\/src\/.*\.ts$/.test(file));

test('no folder or file is named for nothing', () => {
  const vague = /(^|\/)(utils?|common|helpers?|misc|shared)(\/|\.ts$)|(Manager|Helper|Impl)\b/i;
  expect(files.filter((file) => vague.test(file) && !file.startsWith('docs/'))).toEqual([]);
});

test('no source file is over 400 lines, and half of them are under 110', () => {
  const lengths = sources.map((file) => ({ file, lines: readFileSync(`${root}/${file}`, 'utf8').split('\n').length }));
  expect(lengths.filter(({ lines }) => lines > 400)).toEqual([]);
  const sorted = lengths.map(({ lines }) => lines).toSorted((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(110);
});

describe.each(publishedPackages().map((each) => [each.manifest.name, each] as const))(
  '%s',
  (_name, { folder, manifest }) => {
    test('can be published as it is', () => {
      expect(manifest).toMatchObject({
        license: 'MIT',
        type: 'module',
        engines: { node: '>=22.12' },
        publishConfig: { access: 'public' },
      });
      expect(manifest.description).toBeTruthy();
      expect(manifest.files).toEqual(expect.arrayContaining(['dist', 'src', '!dist/.tsbuildinfo']));
      expect(Object.keys(manifest.publishConfig?.exports ?? {})).toEqual(Object.keys(manifest.exports ?? {}));
      expect(existsSync(`${root}/${folder}/README.md`)).toBe(true);
    });

    test('takes its versions from the catalog and the core as a peer', () => {
      const dependencies = { ...manifest.dependencies, ...manifest.peerDependencies };
      expect(
        Object.values(dependencies).filter((version) => version !== 'catalog:' && version !== 'workspace:^'),
      ).toEqual([]);
      if (!/^packages\/(storage|worker)-/.test(folder)) return;
      expect(manifest.peerDependencies).toEqual({ '@omniq/core': 'workspace:^' });
      expect(Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith('@omniq/'))).toEqual([]);
    });
  },
);

test('the root depends on tools only: what it has, every package could import undeclared', () => {
  const { dependencies } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { dependencies?: object };
  expect(dependencies).toBeUndefined();
});

test('all published packages have one version', () => {
  expect(new Set(publishedPackages().map(({ manifest }) => manifest.version)).size).toBe(1);
});
