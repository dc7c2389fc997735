import { createHash } from 'node:crypto';
import { OmniQError } from '@omniq/core/storage';

/** What a name may take up: with what else is in a file name, below the 255 bytes of every file system. */
const LONGEST = 180;
const plain = /^[a-z0-9-]*$/;
const isPlain: readonly boolean[] = Array.from({ length: 256 }, (_, byte) => plain.test(String.fromCharCode(byte)));
const escaped: readonly string[] = isPlain.map((kept, byte) =>
  kept ? String.fromCharCode(byte) : `_${byte.toString(16).padStart(2, '0')}`,
);

/**
 * The name under which a key is filed. No two keys have one name, on file systems that take `A` for `a`, too, and no
 * name is anything to a file system but a name: small letters, digits, `-` and `_`, after a prefix. Long keys go by their
 * hash.
 */
export function nameOf(key: string): string {
  const encoded = encodedKey(key);
  return encoded.length <= LONGEST ? `k-${encoded}` : `h-${createHash('sha256').update(key).digest('hex')}`;
}

/** The key's bytes as text: `k-` names start with `k-` and the encoded prefix exactly if their keys start with it. */
export function encodedKey(key: string): string {
  if (plain.test(key)) return key;
  if (!key.isWellFormed()) {
    throw new OmniQError('INVALID_NAME', 'A key has half of a surrogate pair, which no store carries.', {
      backend: 'file',
    });
  }
  let text = '';
  for (const byte of Buffer.from(key)) text += escaped[byte];
  return text;
}

/** The bytes of the key that a `k-` name stands for; `null` for any other name. */
export function keyBytesOf(name: string): Buffer | null {
  if (!/^k-(?:[a-z0-9-]|_[0-9a-f]{2})*$/.test(name)) return null;
  const bytes: number[] = [];
  for (let at = 2; at < name.length; at += 1) {
    if (name[at] === '_') {
      bytes.push(Number.parseInt(name.slice(at + 1, at + 3), 16));
      at += 2;
    } else bytes.push(name.charCodeAt(at));
  }
  return Buffer.from(bytes);
}
