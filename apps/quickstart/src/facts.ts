import type { FileFacts } from './index-file.ts';

/** What is known of many files, column by column, in the order of their paths: small to store, quick to join. */
export interface Facts {
  /** 32 bytes a file; zeros for one that could not be read. */
  readonly sha256: Uint8Array;
  readonly bytes: readonly number[];
  readonly words: readonly number[];
  /** Which files could not be read, by position, and why. */
  readonly unreadable: readonly (readonly [position: number, code: string])[];
}

export const HASH_BYTES = 32;
const NO_HASH = Buffer.alloc(HASH_BYTES);

export function toFacts(files: readonly (FileFacts | string)[]): Facts {
  return {
    sha256: Buffer.concat(files.map((file) => (typeof file === 'string' ? NO_HASH : file.sha256))),
    bytes: files.map((file) => (typeof file === 'string' ? 0 : file.bytes)),
    words: files.map((file) => (typeof file === 'string' ? 0 : file.words)),
    unreadable: files.flatMap((file, position) => (typeof file === 'string' ? [[position, file] as const] : [])),
  };
}

/** One after the other. Joining joined facts gives the same as joining all at once. */
export function joinFacts(parts: readonly Facts[]): Facts {
  let before = 0;
  const unreadable = parts.flatMap((part) => {
    const shifted = part.unreadable.map(([position, code]) => [before + position, code] as const);
    before += part.bytes.length;
    return shifted;
  });
  return {
    sha256: Buffer.concat(parts.map(({ sha256 }) => sha256)),
    bytes: parts.flatMap(({ bytes }) => bytes),
    words: parts.flatMap(({ words }) => words),
    unreadable,
  };
}
