import { OmniQError } from '../errors.ts';

/**
 * Secret keys by id. New payloads are written under `current`, old ones read under the key that they name: to rotate,
 * add a key everywhere, then make it current, then remove the old one when nothing written under it is left.
 */
export interface KeyRing {
  readonly current: string;
  /** At least 32 bytes each (exactly 32 for encryption); a string is base64 or base64url. */
  readonly keys: Readonly<Record<string, Uint8Array | string>>;
}

export interface OpenKeyRing {
  readonly current: string;
  readonly currentKey: Buffer;
  keyOf(id: string): Buffer | undefined;
}

const keyId = /^[\w.-]{1,32}$/;
const base64 = /^[\w+/-]+={0,2}$/;

/** @throws OmniQError `INVALID_OPTION` naming the key id, never the key. */
export function openKeyRing(
  ring: KeyRing,
  what: string,
  bytes: { readonly min: number; readonly max?: number },
): OpenKeyRing {
  const keys = new Map(Object.entries(ring.keys).map(([id, key]) => [id, openKey(id, key, what, bytes)]));
  const currentKey = keys.get(ring.current);
  if (currentKey === undefined) {
    throw new OmniQError('INVALID_OPTION', `The current ${what} key "${ring.current}" is not among the keys given.`, {
      hint: `Known: ${[...keys.keys()].join(', ') || 'none'}.`,
    });
  }
  return { current: ring.current, currentKey, keyOf: (id) => keys.get(id) };
}

function openKey(
  id: string,
  key: Uint8Array | string,
  what: string,
  { min, max }: { min: number; max?: number },
): Buffer {
  if (!keyId.test(id)) {
    throw new OmniQError('INVALID_OPTION', `The ${what} key id "${id.slice(0, 48)}" is not valid.`, {
      hint: 'Use 1 to 32 letters, digits, dots, dashes and underscores.',
    });
  }
  const isText = typeof key === 'string';
  const opened = isText && !base64.test(key) ? Buffer.alloc(0) : isText ? Buffer.from(key, 'base64') : Buffer.from(key);
  if (opened.length >= min && opened.length <= (max ?? Number.POSITIVE_INFINITY)) return opened;
  throw new OmniQError('INVALID_OPTION', `The ${what} key "${id}" has ${opened.length} bytes.`, {
    hint: `Give ${max === min ? 'exactly' : 'at least'} ${min} random bytes, as they are or in base64: openssl rand -base64 ${min}.`,
  });
}
