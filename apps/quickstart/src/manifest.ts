import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { UnreadablePath } from './scan.ts';

/** What a run is about, fixed by its scan: the folder may change afterwards, the run does not. */
export interface Manifest {
  /** Sorted paths, cut into batches. */
  readonly batches: readonly (readonly string[])[];
  /** Folders that could not be listed. */
  readonly unreadable: readonly UnreadablePath[];
}

/** A manifest to unpack is no larger: some ten million paths. */
const MAX_BYTES = 2 ** 29;

/** Paths repeat each other: packed they take a fifteenth, and a store keeps one value of moderate size. */
export async function packManifest(manifest: Manifest): Promise<Uint8Array> {
  return promisify(gzip)(JSON.stringify(manifest));
}

export async function unpackManifest(packed: Uint8Array): Promise<Manifest> {
  const text = await promisify<Uint8Array, { maxOutputLength: number }, Buffer>(gunzip)(packed, {
    maxOutputLength: MAX_BYTES,
  });
  return JSON.parse(text.toString()) as Manifest;
}

/** Pieces of `size`; the last may be smaller. */
export function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}
