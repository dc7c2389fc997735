import { isUtf8 } from 'node:buffer';
import { OmniQError, isOmniQError } from '../errors.ts';
import type { PayloadContext } from './context.ts';
import { needsKey, tooLarge, unsupported } from './findings.ts';
import { openKeyRing, type KeyRing, type OpenKeyRing } from './key-ring.ts';
import { defaultLimits, type PayloadLimits } from './limits.ts';
import { pack, unpack } from './msgpack.ts';
import { refused } from './refused.ts';
import { scanJson } from './scan-json.ts';
import { scanMsgpack } from './scan-msgpack.ts';
import { checkClone, packClone, unpackClone } from './structured-clone.ts';
import { PLAIN, survey } from './survey.ts';
import { tag } from './tagged.ts';
import { MAX_HEADER, TransformChain, type Transform } from './transform.ts';
import { untag } from './untag.ts';

export interface CodecOptions extends Partial<PayloadLimits> {
  /** Signs what only a structured clone can carry: cycles, RegExp, Error, large BigInt, sparse arrays. Without it those are refused. */
  readonly keys?: KeyRing;
  /** In the order in which they are applied: compress, then encrypt, then offload. */
  readonly transforms?: readonly Transform[];
}

/** Turns values into bytes and back. Synchronous unless a transform is not. */
export interface Codec {
  readonly limits: PayloadLimits;
  /**
   * Bytes that {@link decode} turns into an equal value; none for `undefined`. Buffers arrive as `Uint8Array`, objects
   * without a prototype with the usual one, and a reference held twice as two equal copies.
   * @throws OmniQError `PAYLOAD_UNSUPPORTED`, `PAYLOAD_TOO_LARGE`
   */
  encode(value: unknown, context: PayloadContext): Uint8Array | Promise<Uint8Array>;
  /** Whether a transform keeps parts of payloads elsewhere: then {@link forget} is owed for every task that goes. */
  readonly keepsElsewhere: boolean;
  /** Deletes what transforms keep of a task elsewhere, once the task itself is forgotten. */
  forget(task: Pick<PayloadContext, 'name' | 'queue' | 'id'>): Promise<void>;
  /** @throws OmniQError `PAYLOAD_REFUSED`; a store's own error from a transform that reads from one */
  decode(bytes: Uint8Array | null, context: PayloadContext): unknown;
}

/**
 * The first byte of a stored payload. JSON is `J` and then the text, so that any language, or plain SQL, can write one.
 */
const format = {
  msgpack: 0x4d, // M
  tagged: 0x54, // T
  json: 0x4a, // J
  clone: 0x53, // S
  transformed: 0x58, // X
} as const;

/** What encryption and the names of transforms may add to the bytes of a value. */
const HEADROOM: number = MAX_HEADER + 512;

/** @throws OmniQError `INVALID_OPTION` */
export function createCodec(options: CodecOptions = {}): Codec {
  return new PayloadCodec(options);
}

class PayloadCodec implements Codec {
  readonly limits: PayloadLimits;
  /** Of a value before transforms, which is more where one of them stores it elsewhere. */
  readonly #valueLimits: PayloadLimits;
  readonly #chain: TransformChain;
  readonly #keys: OpenKeyRing | undefined;

  constructor({ keys, transforms = [], ...limits }: CodecOptions) {
    this.limits = { ...defaultLimits, ...limits };
    for (const [name, limit] of Object.entries(this.limits)) checkLimit(name, limit);
    const maxBytes = Math.max(this.limits.maxBytes, ...transforms.map((transform) => transform.maxBytes ?? 0));
    this.#valueLimits = { ...this.limits, maxBytes };
    this.#chain = new TransformChain(transforms, format.transformed);
    this.#keys = keys === undefined ? undefined : openKeyRing(keys, 'signing', { min: 32 });
  }

  encode(value: unknown, context: PayloadContext): Uint8Array | Promise<Uint8Array> {
    if (value === undefined) return new Uint8Array(0);
    const bytes = this.#encodeValue(value, context);
    if (bytes.length > this.#valueLimits.maxBytes) throw tooLarge(context, this.#valueLimits, 'bytes', bytes.length);
    if (this.#chain.isEmpty) return bytes;
    const stored = this.#chain.apply(bytes, context);
    return stored instanceof Promise ? stored.then((made) => this.#fit(made, context)) : this.#fit(stored, context);
  }

  decode(bytes: Uint8Array | null, context: PayloadContext): unknown {
    if (bytes === null || bytes.length === 0) return undefined;
    const limit = this.#storedLimit(bytes);
    if (bytes.length > limit) throw over(context, bytes.length, limit);
    if (this.#chain.isEmpty && bytes[0] !== format.transformed) return this.#decodeValue(bytes, context);
    const value = this.#chain.undo(bytes, context, this.#valueLimits.maxBytes + HEADROOM);
    if (value instanceof Promise) return value.then((made) => this.#decodeValue(made, context));
    return this.#decodeValue(value, context);
  }

  get keepsElsewhere(): boolean {
    return this.#chain.keepers.length > 0;
  }

  async forget(task: Pick<PayloadContext, 'name' | 'queue' | 'id'>): Promise<void> {
    for (const keeper of this.#chain.keepers) await keeper.forget?.(task);
  }

  #fit(stored: Uint8Array, context: PayloadContext): Uint8Array {
    if (stored.length <= this.#storedLimit(stored)) return stored;
    throw tooLarge(context, this.limits, 'bytes', stored.length);
  }

  #storedLimit(bytes: Uint8Array): number {
    return bytes[0] === format.transformed ? this.limits.maxBytes + HEADROOM : this.limits.maxBytes;
  }

  #encodeValue(value: unknown, context: PayloadContext): Uint8Array {
    try {
      if (survey(value, this.#valueLimits) === PLAIN) return pack(format.msgpack, value);
    } catch {
      // Something in it throws when it is read: the closer look finds it, and says where.
    }
    return this.#encodeTagged(value, context);
  }

  #encodeTagged(value: unknown, context: PayloadContext): Uint8Array {
    const tagging = tag(value, context, this.#valueLimits);
    if (tagging.onlyClone !== undefined) {
      if (this.#keys === undefined) throw needsKey(context, tagging.onlyClone);
      return this.#encodeClone(value, context, this.#keys);
    }
    const bytes = pack(format.tagged, tagging.tree);
    // Tags are values as well: what decoding would refuse must not be stored.
    const fault = scanMsgpack(bytes, this.#valueLimits, 1);
    if (fault === undefined) return bytes;
    throw new OmniQError('PAYLOAD_TOO_LARGE', `The ${context.kind} of ${context.name} is not carried: ${fault}.`, {
      hint: 'Dates, maps and the like count for several values. Send less, or raise the limit.',
    });
  }

  #encodeClone(value: unknown, context: PayloadContext, keys: OpenKeyRing): Uint8Array {
    try {
      checkClone(value, context, this.#valueLimits);
      return packClone(format.clone, value, context, keys);
    } catch (cause) {
      const finding = { path: [], what: 'something that cannot be cloned', remedy: 'send plain data' };
      throw unsupported(context, finding, cause);
    }
  }

  #decodeValue(bytes: Uint8Array, context: PayloadContext): unknown {
    const { maxBytes } = this.#valueLimits;
    if (bytes.length > maxBytes) throw over(context, bytes.length, maxBytes);
    try {
      switch (bytes[0]) {
        case format.msgpack:
          return unpack(this.#sound(bytes, context));
        case format.tagged:
          return untag(unpack(this.#sound(bytes, context)));
        case format.json:
          return checkClone(this.#json(bytes.subarray(1), context), context, this.#valueLimits);
        case format.clone:
          return unpackClone(bytes, context, this.#keys, this.#valueLimits);
        default:
          throw refused(
            context,
            `its format (${bytes[0] ?? 'none'}) is not known`,
            undefined,
            'Was it written by a newer version, or by another program?',
          );
      }
    } catch (cause) {
      if (isOmniQError(cause)) throw cause;
      throw refused(context, 'it is damaged', undefined, undefined, cause);
    }
  }

  #sound(bytes: Uint8Array, context: PayloadContext): Uint8Array {
    const fault = scanMsgpack(bytes, this.#valueLimits, 1);
    if (fault !== undefined) throw refused(context, fault);
    return bytes;
  }

  #json(bytes: Uint8Array, context: PayloadContext): unknown {
    const fault = scanJson(bytes, this.#valueLimits);
    if (fault !== undefined) throw refused(context, fault);
    return parseJson(bytes);
  }
}

function over(context: PayloadContext, size: number, limit: number): OmniQError {
  const hint = 'Raise `maxBytes` where it is read.';
  return refused(context, `it has ${size} bytes, over the limit of ${limit}`, undefined, hint);
}

function parseJson(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) throw new TypeError('The text is not UTF-8.');
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
}

function checkLimit(name: string, limit: unknown): void {
  if (typeof limit === 'number' && Number.isSafeInteger(limit) && limit > 0) return;
  throw new OmniQError('INVALID_OPTION', `${name} of the codec is ${String(limit)}.`, {
    hint: 'Give a positive integer.',
  });
}
