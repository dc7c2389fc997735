import assert from 'node:assert/strict';

/** Byte arrays that come back changed from a store which takes them for text, or keeps more than it was given. */
export const samples: readonly Uint8Array[] = [
  new Uint8Array(0),
  Uint8Array.from({ length: 256 }, (_, n) => n),
  Uint8Array.from({ length: 64 }, (_, n) => n).subarray(7, 19),
  Buffer.from('a pooled Buffer is a view as well'),
  Uint8Array.from({ length: 1_048_576 }, (_, n) => (n * 31 + (n >>> 8)) & 255),
];

/** Whatever class of byte array a store returns. */
export function same(actual: Uint8Array | null, expected: Uint8Array): void {
  assert.ok(actual instanceof Uint8Array, 'bytes come back as bytes');
  assert.equal(actual.length, expected.length);
  assert.equal(Buffer.compare(actual, expected), 0, 'every byte is the same');
}
