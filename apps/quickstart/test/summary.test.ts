import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { joinFacts, toFacts, type Facts } from '../src/facts.ts';
import { chunks, packManifest, unpackManifest } from '../src/manifest.ts';
import { summarise } from '../src/summary.ts';

const contents: Readonly<Record<string, string | null>> = {
  'a.txt': 'twin',
  'b.txt': 'only one',
  'c.txt': 'twin',
  'd.txt': '',
  'e.txt': null,
  'f.txt': '',
  'g.txt': 'twin',
  'h.txt': 'other',
  'i.txt': 'other',
};
const paths = Object.keys(contents);

function factsOf(some: readonly string[], of: Readonly<Record<string, string | null>> = contents): Facts {
  return toFacts(
    some.map((path) => {
      const content = of[path];
      if (content === null || content === undefined) return 'EACCES';
      return {
        sha256: createHash('sha256').update(content).digest(),
        bytes: content.length,
        words: content.split(' ').length,
      };
    }),
  );
}

const whole = summarise(paths, factsOf(paths), []);

test('counts files, bytes, words, copies and what could not be read', () => {
  expect(whole).toMatchObject({
    files: 9,
    bytes: 4 + 8 + 4 + 4 + 5 + 5,
    duplicates: 5,
    redundantBytes: 2 * 4 + 5,
    unreadable: 1,
    unreadablePaths: [['e.txt', 'EACCES']],
  });
  expect(whole.mostDuplicated).toMatchObject([
    { path: 'a.txt', copies: 3, bytes: 4 },
    { path: 'h.txt', copies: 2, bytes: 5 },
  ]);
  expect(whole.largest.map(({ path }) => path).slice(0, 4)).toEqual(['b.txt', 'h.txt', 'i.txt', 'a.txt']);
});

test.each([1, 2, 3, 4, 100])('batches of %i, joined once or twice, sum up to the same', (size) => {
  const parts = chunks(paths, size).map((batch) => factsOf(batch));
  const twice = joinFacts(chunks(parts, 2).map((group) => joinFacts(group)));
  expect(summarise(paths, joinFacts(parts), [])).toEqual(whole);
  expect(summarise(paths, twice, [])).toEqual(whole);
});

test('the digest tells any difference in content, name, length and readability', () => {
  const digests = [
    whole,
    summarise(paths, factsOf(paths, { ...contents, 'b.txt': 'only two' }), []),
    summarise(paths, factsOf(paths, { ...contents, 'e.txt': '' }), []),
    summarise(paths, factsOf(paths, { ...contents, 'd.txt': null }), []),
    summarise(['A.txt', ...paths.slice(1)], factsOf(paths), []),
    summarise(paths.slice(1), factsOf(paths.slice(1)), []),
    summarise(paths, factsOf(paths), [['folder', 'EACCES']]),
    summarise(paths, { ...factsOf(paths), words: paths.map(() => 1) }, []),
  ].map(({ digest }) => digest);
  expect(new Set(digests).size).toBe(digests.length);
});

test('facts of fewer or more files than there are paths are refused', () => {
  expect(() => summarise(paths, factsOf(paths.slice(1)), [])).toThrow('facts of 8 files, not of 9');
});

test('no files at all make an empty summary', () => {
  const empty = summarise([], joinFacts([]), []);
  expect(empty).toMatchObject({ files: 0, bytes: 0, words: 0, duplicates: 0, largest: [], mostDuplicated: [] });
});

test('a manifest comes back from its packing as it was', async () => {
  const manifest = { batches: [['a\nb', 'c"d'], ['鍵']], unreadable: [['x', 'EACCES'] as const] };
  expect(await unpackManifest(await packManifest(manifest))).toEqual(manifest);
});
