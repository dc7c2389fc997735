import { Piece, type Bytes } from '../machine/piece.ts';

/** Lengths that stand for something else. */
const NONE = -1;
const ELSEWHERE = -2;

/** Where bytes that are too large for an entry go; they come back as a piece of a pack. */
export type PutAside = (bytes: Uint8Array) => Piece;

/** The bytes of one field over a batch of rows: one run of them, cut by their lengths. */
export type BytesColumn =
  | readonly [shared: Uint8Array | null]
  | readonly [lengths: readonly number[], run: Uint8Array, elsewhere: readonly (readonly [string, number, number])[]];

/** Bytes up to this length travel in the entry and stay in the replica; longer ones lie beside the log. */
export const INLINE_BYTES = 256;

/** @param putAside takes what is longer than an entry holds; `null`: nothing is too long */
export function toBytesColumn(values: readonly (Bytes | null)[], putAside: PutAside | null): BytesColumn {
  const most = putAside === null ? Number.POSITIVE_INFINITY : INLINE_BYTES;
  const first = values[0] ?? null;
  if (first === null ? values.every((value) => value === null) : areSame(values, first)) {
    const shared = first === null ? null : bytesOf(first);
    if (shared === null || (shared !== undefined && shared.length <= most)) return [shared];
  }
  const lengths: number[] = [];
  const parts: Uint8Array[] = [];
  const elsewhere: [string, number, number][] = [];
  for (const value of values) {
    if (value === null) lengths.push(NONE);
    else {
      const inline = bytesOf(value);
      if (inline !== undefined && inline.length <= most) {
        lengths.push(inline.length);
        parts.push(inline);
      } else {
        const { source, from, to } = inline === undefined || putAside === null ? (value as Piece) : putAside(inline);
        lengths.push(ELSEWHERE);
        elsewhere.push([source as string, from, to]);
      }
    }
  }
  return [lengths, Buffer.concat(parts), elsewhere];
}

/** @returns the value of each row in turn: call it once per row, in order */
export function readBytesColumn(column: unknown, rows: number): () => Bytes | null {
  if (!Array.isArray(column)) throw new TypeError('not a column of bytes');
  const [first, run, elsewhere] = column as readonly unknown[];
  if (first === null || first instanceof Uint8Array) {
    const shared = first === null ? null : new Uint8Array(first);
    return () => shared;
  }
  if (!Array.isArray(first) || first.length !== rows || !(run instanceof Uint8Array) || !Array.isArray(elsewhere))
    throw new TypeError('not a column of bytes');
  // A copy: the pieces must not keep the whole entry in memory.
  const source = new Uint8Array(run);
  let [row, at, aside] = [0, 0, 0];
  return () => {
    const length = first[row++] as number;
    if (length === NONE) return null;
    if (length === ELSEWHERE) {
      const [key, from, to] = elsewhere[aside++] as [string, number, number];
      return new Piece(key, from, to);
    }
    if (!(length >= 0) || at + length > source.length) throw new TypeError('bytes beyond their column');
    return new Piece(source, at, (at += length));
  };
}

/** The bytes where they are at hand; `undefined` for those that lie beside the log. */
export function bytesOf(value: Bytes): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  return typeof value.source === 'string' ? undefined : value.source.subarray(value.from, value.to);
}

function areSame(values: readonly (Bytes | null)[], first: Bytes): boolean {
  const bytes = bytesOf(first);
  return (
    bytes !== undefined &&
    values.every((value) => {
      if (value === first) return true;
      const other = value === null ? undefined : bytesOf(value);
      return other !== undefined && Buffer.compare(other, bytes) === 0;
    })
  );
}
