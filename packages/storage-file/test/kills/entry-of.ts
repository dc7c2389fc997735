import { createHash } from 'node:crypto';

/** The entry of an id, of 64 bytes to 36 kB: every byte of it can be told from the id. */
export function entryOf(id: string): Uint8Array {
  const digest = createHash('sha512').update(id).digest();
  const rounds = 1 + ((digest[0] ?? 0) % 8) * ((digest[1] ?? 0) % 8) * 12;
  return Buffer.concat([Buffer.from(`${id}\n`), ...Array.from({ length: rounds }, () => digest)]);
}

export function idOf(entry: Uint8Array): string {
  return Buffer.from(entry.subarray(0, entry.indexOf(10))).toString();
}
