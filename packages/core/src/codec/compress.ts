import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { OmniQError } from '../errors.ts';
import type { PayloadContext } from './context.ts';
import { refused } from './refused.ts';
import type { Transform } from './transform.ts';

export interface CompressOptions {
  /** Default `gzip`. `zstd` is faster and smaller, and needs Node 22.15 or newer on every side. */
  readonly algorithm?: CompressAlgorithm;
  /** Bytes from which on it is worth trying. Default 1024. What does not shrink is stored as it is. */
  readonly above?: number;
}

export type CompressAlgorithm = 'gzip' | 'brotli' | 'zstd';

/** More than this would hold up the event loop for long: it goes to a thread. */
const SYNC_BYTES = 32_768;

interface Algorithm {
  /** Stored as the first byte, so that any may be read whatever is written. */
  readonly tag: number;
  readonly pack: (bytes: Uint8Array) => Buffer;
  readonly packLater: (bytes: Uint8Array) => Promise<Buffer>;
  readonly unpack: (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Buffer;
  readonly unpackLater: (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Buffer>;
}

// Brotli's own default quality takes seconds for a megabyte.
const brotliOptions = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } };

const gzip: Algorithm = {
  tag: 0x67,
  pack: (bytes) => zlib.gzipSync(bytes),
  packLater: promisify<Uint8Array, Buffer>(zlib.gzip),
  unpack: zlib.gunzipSync,
  unpackLater: promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gunzip),
};

const brotli: Algorithm = {
  tag: 0x62,
  pack: (bytes) => zlib.brotliCompressSync(bytes, brotliOptions),
  packLater: (bytes) => promisify<Uint8Array, zlib.BrotliOptions, Buffer>(zlib.brotliCompress)(bytes, brotliOptions),
  unpack: zlib.brotliDecompressSync,
  unpackLater: promisify<Uint8Array, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress),
};

/** Absent before Node 22.15. */
const zstd: Algorithm | undefined =
  typeof zlib.zstdCompressSync === 'function'
    ? {
        tag: 0x7a,
        pack: (bytes) => zlib.zstdCompressSync(bytes),
        packLater: promisify<Uint8Array, Buffer>(zlib.zstdCompress),
        unpack: zlib.zstdDecompressSync,
        unpackLater: promisify<Uint8Array, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress),
      }
    : undefined;

const algorithms: Readonly<Record<CompressAlgorithm, Algorithm | undefined>> = { gzip, brotli, zstd };

/** Compresses larger payloads. Decompression stops at the codec's limit. @throws OmniQError `UNSUPPORTED`, `INVALID_OPTION` */
export function compress({ algorithm = 'gzip', above = 1024 }: CompressOptions = {}): Transform {
  const chosen = Object.hasOwn(algorithms, algorithm) ? algorithms[algorithm] : undefined;
  if (chosen === undefined) {
    throw new OmniQError('UNSUPPORTED', `This Node.js cannot compress by ${algorithm}.`, {
      hint: 'Use gzip or brotli; zstd needs 22.15 or newer.',
    });
  }
  return {
    name: 'compress',
    encode: (bytes) => (bytes.length < above ? null : deflate(chosen, bytes)),
    decode: (bytes, context, maxBytes) => inflate(bytes, context, maxBytes),
  };
}

function deflate(
  { tag, pack, packLater }: Algorithm,
  bytes: Uint8Array,
): Uint8Array | null | Promise<Uint8Array | null> {
  const worthwhile = (packed: Buffer): Uint8Array | null => {
    if (packed.length + 1 >= bytes.length) return null;
    const tagged = new Uint8Array(packed.length + 1);
    tagged[0] = tag;
    tagged.set(packed, 1);
    return tagged;
  };
  return bytes.length > SYNC_BYTES ? packLater(bytes).then(worthwhile) : worthwhile(pack(bytes));
}

function inflate(
  bytes: Uint8Array,
  context: PayloadContext,
  maxOutputLength: number,
): Uint8Array | Promise<Uint8Array> {
  const used = Object.values(algorithms).find((algorithm) => algorithm !== undefined && algorithm.tag === bytes[0]);
  if (used === undefined)
    throw refused(context, 'it is compressed in a way that this Node.js does not know', 'compress');
  const packed = bytes.subarray(1);
  if (packed.length > SYNC_BYTES) {
    return used
      .unpackLater(packed, { maxOutputLength })
      .catch((cause: unknown) => raise(cause, context, maxOutputLength));
  }
  try {
    return used.unpack(packed, { maxOutputLength });
  } catch (cause) {
    return raise(cause, context, maxOutputLength);
  }
}

function raise(cause: unknown, context: PayloadContext, limit: number): never {
  const isBomb = cause instanceof RangeError;
  const why = isBomb ? `it decompresses to more than the limit of ${limit} bytes` : 'its compression is damaged';
  throw refused(context, why, 'compress', undefined, cause);
}
