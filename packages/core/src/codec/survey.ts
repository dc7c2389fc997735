import type { PayloadLimits } from './limits.ts';

/** Goes to MessagePack as it is. */
export const PLAIN = 0;
/** Holds something else, or is over a limit: {@link tagged} finds out what, with its path. */
export const OTHER = 1;

/** A running count of what one value holds. */
interface Count {
  nodes: number;
  /** Least bytes that its texts and binaries take. */
  bytes: number;
}

/**
 * The quick look at a value that most payloads need: plain objects, dense arrays, well-formed texts, numbers but -0,
 * bytes and 64-bit integers. Cycles show as too much depth. May throw what a getter throws.
 */
export function survey(value: unknown, limits: PayloadLimits): typeof PLAIN | typeof OTHER {
  const count: Count = { nodes: 1, bytes: 0 };
  if (look(value, 0, count, limits) === OTHER) return OTHER;
  return count.nodes > limits.maxNodes || count.bytes > limits.maxBytes ? OTHER : PLAIN;
}

const objectPrototype = Object.prototype;
const arrayPrototype = Array.prototype;
const bytesPrototype = Uint8Array.prototype;
const bufferPrototype = Buffer.prototype;

function look(value: unknown, depth: number, count: Count, limits: PayloadLimits): typeof PLAIN | typeof OTHER {
  switch (typeof value) {
    case 'string':
      return isCarried(value) && (count.bytes += value.length) <= limits.maxBytes ? PLAIN : OTHER;
    case 'number':
      return value !== 0 || 1 / value > 0 ? PLAIN : OTHER;
    case 'boolean':
    case 'undefined':
      return PLAIN;
    case 'bigint':
      return isInt64(value) ? PLAIN : OTHER;
    case 'object':
      return value === null ? PLAIN : lookInto(value, depth, count, limits);
    default:
      return OTHER;
  }
}

function lookInto(value: object, depth: number, count: Count, limits: PayloadLimits): typeof PLAIN | typeof OTHER {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === objectPrototype) return lookAtObject(value as Record<string, unknown>, depth, count, limits);
  if (prototype === arrayPrototype) return lookAtArray(value as readonly unknown[], depth, count, limits);
  if (prototype !== bytesPrototype && prototype !== bufferPrototype) return OTHER;
  return (count.bytes += (value as Uint8Array).byteLength) <= limits.maxBytes ? PLAIN : OTHER;
}

function lookAtObject(value: Record<string, unknown>, depth: number, count: Count, limits: PayloadLimits): 0 | 1 {
  if (depth >= limits.maxDepth) return OTHER;
  for (const key in value) {
    if (key === '__proto__' || !isCarried(key) || ++count.nodes > limits.maxNodes) return OTHER;
    if (look(value[key], depth + 1, count, limits) === OTHER) return OTHER;
  }
  return Object.getOwnPropertySymbols(value).length === 0 ? PLAIN : OTHER;
}

function lookAtArray(value: readonly unknown[], depth: number, count: Count, limits: PayloadLimits): 0 | 1 {
  const { length } = value;
  if (depth >= limits.maxDepth || (count.nodes += length) > limits.maxNodes) return OTHER;
  for (let index = 0; index < length; index++) {
    const item = value[index];
    if (item === undefined && !(index in value)) return OTHER;
    if (look(item, depth + 1, count, limits) === OTHER) return OTHER;
  }
  return Object.keys(value).length === length ? PLAIN : OTHER;
}

/** The MessagePack decoder drops a leading byte order mark, and UTF-8 has no half surrogate pairs. */
function isCarried(text: string): boolean {
  return text.isWellFormed() && text.charCodeAt(0) !== BYTE_ORDER_MARK;
}

export const BYTE_ORDER_MARK = 0xfe_ff;

const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

export function isInt64(value: bigint): boolean {
  return value >= MIN_INT64 && value <= MAX_UINT64;
}
