import { createHash } from 'node:crypto';
import { HASH_BYTES, type Facts } from './facts.ts';
import type { UnreadablePath } from './scan.ts';

/** What a run tells about its folder. Depends on nothing but the files: two runs can be compared by `digest`. */
export interface Summary {
  /** All that were found, unreadable ones included. */
  readonly files: number;
  readonly bytes: number;
  readonly words: number;
  /** Readable files with something in them whose content at least one other file has as well. */
  readonly duplicates: number;
  /** Bytes that would be saved if each content were kept once. */
  readonly redundantBytes: number;
  /** Files and folders that could not be read. */
  readonly unreadable: number;
  /** The first of them. */
  readonly unreadablePaths: readonly UnreadablePath[];
  readonly largest: readonly LargeFile[];
  readonly mostDuplicated: readonly Duplicate[];
  /** SHA-256 over path, content hash, bytes and words of every file, in the order of the paths. */
  readonly digest: string;
}

export interface LargeFile {
  readonly path: string;
  readonly bytes: number;
  readonly words: number;
}

export interface Duplicate {
  /** The first of the copies. */
  readonly path: string;
  readonly copies: number;
  /** Of one copy. */
  readonly bytes: number;
  readonly sha256: string;
}

const TOP = 10;

/** Sums up the facts of all files. `folders` are those that could not be listed. */
export function summarise(paths: readonly string[], facts: Facts, folders: readonly UnreadablePath[]): Summary {
  if (paths.length !== facts.bytes.length) {
    throw new Error(`There are facts of ${facts.bytes.length} files, not of ${paths.length}.`);
  }
  const unreadable = [...facts.unreadable.map(([at, code]): UnreadablePath => [paths[at] as string, code]), ...folders];
  const copies = copiesOf(facts);
  return {
    files: paths.length,
    bytes: sum(facts.bytes),
    words: sum(facts.words),
    duplicates: sum(copies.map(({ count }) => count)),
    redundantBytes: sum(copies.map(({ first, count }) => (count - 1) * (facts.bytes[first] as number))),
    unreadable: unreadable.length,
    unreadablePaths: unreadable.slice(0, TOP),
    largest: largestOf(paths, facts),
    mostDuplicated: copies.slice(0, TOP).map(({ first, count, sha256 }) => {
      return { path: paths[first] as string, copies: count, bytes: facts.bytes[first] as number, sha256 };
    }),
    digest: digestOf(paths, facts, folders),
  };
}

interface Copies {
  /** Position of the first file with this content. */
  readonly first: number;
  count: number;
  readonly sha256: string;
}

/** Contents that more than one file has, those with the most copies first. Empty files are all alike and left out. */
function copiesOf(facts: Facts): readonly Copies[] {
  const contents = new Map<string, Copies>();
  for (const [at, bytes] of facts.bytes.entries()) {
    if (bytes === 0) continue;
    const sha256 = hashAt(facts, at).toString('hex');
    const known = contents.get(sha256);
    if (known === undefined) contents.set(sha256, { first: at, count: 1, sha256 });
    else known.count += 1;
  }
  const shared = [...contents.values()].filter(({ count }) => count > 1);
  return shared.sort((a, b) => b.count - a.count || a.first - b.first);
}

function largestOf(paths: readonly string[], { bytes, words }: Facts): readonly LargeFile[] {
  const bySize = [...bytes.keys()].sort((a, b) => (bytes[b] as number) - (bytes[a] as number) || a - b);
  return bySize.slice(0, TOP).map((at) => {
    return { path: paths[at] as string, bytes: bytes[at] as number, words: words[at] as number };
  });
}

function digestOf(paths: readonly string[], facts: Facts, folders: readonly UnreadablePath[]): string {
  const codes = new Map(facts.unreadable);
  const hash = createHash('sha256');
  // No path holds a NUL, so no two lists of files give the same text.
  for (const [at, path] of paths.entries()) {
    const code = codes.get(at);
    const known = code ?? `${hashAt(facts, at).toString('hex')}\0${facts.bytes[at]}\0${facts.words[at]}`;
    hash.update(`${path}\0${known}\0\n`);
  }
  for (const [path, code] of folders) hash.update(`${path}/\0${code}\0\n`);
  return hash.digest('hex');
}

function hashAt({ sha256 }: Facts, at: number): Buffer {
  return Buffer.from(sha256.buffer, sha256.byteOffset + at * HASH_BYTES, HASH_BYTES);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
