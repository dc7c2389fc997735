export { createCodec, type Codec, type CodecOptions } from './codec.ts';
export { compress, type CompressAlgorithm, type CompressOptions } from './compress.ts';
export type { PayloadContext, PayloadKind } from './context.ts';
export { encrypt, type EncryptOptions } from './encrypt.ts';
export type { KeyRing } from './key-ring.ts';
export { defaultLimits, type PayloadLimits } from './limits.ts';
export { offload, type OffloadOptions, type OffloadTransform } from './offload.ts';
export type { Transform } from './transform.ts';
