import { Piece } from '../../src/machine/piece.ts';

/** Bytes as lists of numbers, wherever they lie, so that equal values are equal. */
export function plain(value: unknown): unknown {
  if (value instanceof Piece) {
    const { source, from, to } = value;
    return typeof source === 'string' ? { source, from, to } : [...source.subarray(from, to)];
  }
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}
