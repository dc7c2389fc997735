import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { contextBytes, type PayloadContext } from './context.ts';
import { openKeyRing, type KeyRing, type OpenKeyRing } from './key-ring.ts';
import { refused } from './refused.ts';
import type { Transform } from './transform.ts';

export interface EncryptOptions {
  /** Keys of exactly 32 bytes. Rotate before a key has written 2^32 payloads. */
  readonly keys: KeyRing;
  /** What becomes of payloads that are not encrypted. Default `refuse`; `accept` while old ones drain. */
  readonly plaintext?: 'refuse' | 'accept';
}

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts payloads by AES-256-GCM, bound to their task: bytes moved to another one do not decrypt. Names, queues and
 * ids stay readable, as stores need them. @throws OmniQError `INVALID_OPTION`
 */
export function encrypt({ keys, plaintext = 'refuse' }: EncryptOptions): Transform {
  const ring = openKeyRing(keys, 'encryption', { min: 32, max: 32 });
  return {
    name: 'encrypt',
    required: plaintext === 'refuse',
    encode: (bytes, context) => seal(bytes, context, ring),
    decode: (bytes, context) => open(bytes, context, ring),
  };
}

/** The length of the key's id, the id, the nonce, the tag, the ciphertext. */
function seal(bytes: Uint8Array, context: PayloadContext, { current, currentKey }: OpenKeyRing): Uint8Array {
  const id = Buffer.from(current);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, currentKey, iv).setAAD(boundTo(id, context));
  const body = [cipher.update(bytes), cipher.final()];
  return new Uint8Array(Buffer.concat([Buffer.of(id.length), id, iv, cipher.getAuthTag(), ...body]));
}

function open(bytes: Uint8Array, context: PayloadContext, ring: OpenKeyRing): Uint8Array {
  const ivStart = 1 + (bytes[0] ?? 0);
  const tagStart = ivStart + IV_BYTES;
  const bodyStart = tagStart + TAG_BYTES;
  if (bytes.length < bodyStart) throw refused(context, 'its encryption is damaged', 'encrypt');
  const id = Buffer.from(bytes.subarray(1, ivStart));
  const key = ring.keyOf(id.toString('latin1'));
  if (key === undefined) throw refused(context, 'its encryption key is not among the keys given', 'encrypt');
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(ivStart, tagStart), { authTagLength: TAG_BYTES });
  decipher.setAAD(boundTo(id, context)).setAuthTag(bytes.subarray(tagStart, bodyStart));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(bodyStart)), decipher.final()]);
  } catch {
    throw refused(context, 'it does not decrypt: it was changed, or belongs to another task', 'encrypt');
  }
}

function boundTo(id: Buffer, context: PayloadContext): Buffer {
  return Buffer.concat([Buffer.of(id.length), id, contextBytes(context)]);
}
