/** Bounds of one payload, checked before anything is allocated for it. */
export interface PayloadLimits {
  /** Bytes of the encoded value, and of what a store keeps of it. Default 1 MiB. */
  readonly maxBytes: number;
  /** Values in it, each object, array and scalar counted. Default 200,000, which bounds decoded memory to about 20 MB. */
  readonly maxNodes: number;
  /** How deep arrays and objects nest. Default 256. */
  readonly maxDepth: number;
}

export const defaultLimits: PayloadLimits = { maxBytes: 1_048_576, maxNodes: 200_000, maxDepth: 256 };
