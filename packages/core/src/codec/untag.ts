import { TAG } from './tagged.ts';

/** The value that a tagged tree stands for. @throws Error where a tag is damaged */
export function untag(tree: unknown): unknown {
  if (typeof tree !== 'object' || tree === null || tree instanceof Uint8Array) return tree;
  if (Array.isArray(tree)) {
    for (let index = 0; index < tree.length; index++) tree[index] = untag(tree[index]);
    return tree;
  }
  const object = tree as Record<string, unknown>;
  const keys = Object.keys(object);
  if (keys.length === 1 && keys[0] === TAG) return revive(object[TAG]);
  for (const key of keys) object[key] = untag(object[key]);
  return object;
}

function revive(parts: unknown): unknown {
  if (!Array.isArray(parts)) throw new TypeError('a tag is damaged');
  const [kind, first, second] = parts as unknown[];
  switch (kind) {
    case '-0':
      return -0;
    case 'date':
      return new Date(expect(first, 'number'));
    case 'text':
      return Buffer.from(expectBytes(first)).toString();
    case 'map':
      return new Map(pairs(first));
    case 'set':
      return new Set(expectArray(untag(first)));
    case 'object':
      return objectOf(pairs(first));
    case 'buffer':
      return expectBytes(first).slice().buffer;
    case 'view':
      return viewOf(expect(first, 'string'), expectBytes(second));
    default:
      throw new TypeError('a tag is not known');
  }
}

function* pairs(entries: unknown): Generator<[unknown, unknown]> {
  const flat = expectArray(untag(entries));
  if (flat.length % 2 !== 0) throw new TypeError('a tag is damaged');
  for (let index = 0; index < flat.length; index += 2) yield [flat[index], flat[index + 1]];
}

function objectOf(entries: Iterable<[unknown, unknown]>): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    if (typeof key !== 'string' || key === '__proto__') throw new TypeError('an object has a key that is not carried');
    object[key] = value;
  }
  return object;
}

/** Chosen from this table: stored bytes name no constructor. */
const views: Readonly<Record<string, (buffer: ArrayBuffer) => ArrayBufferView>> = {
  __proto__: null as never,
  Int8Array: (buffer) => new Int8Array(buffer),
  Uint8ClampedArray: (buffer) => new Uint8ClampedArray(buffer),
  Int16Array: (buffer) => new Int16Array(buffer),
  Uint16Array: (buffer) => new Uint16Array(buffer),
  Int32Array: (buffer) => new Int32Array(buffer),
  Uint32Array: (buffer) => new Uint32Array(buffer),
  Float32Array: (buffer) => new Float32Array(buffer),
  Float64Array: (buffer) => new Float64Array(buffer),
  BigInt64Array: (buffer) => new BigInt64Array(buffer),
  BigUint64Array: (buffer) => new BigUint64Array(buffer),
  DataView: (buffer) => new DataView(buffer),
};

function viewOf(name: string, bytes: Uint8Array): ArrayBufferView {
  const make = views[name];
  if (make === undefined) throw new TypeError('a typed array is of a kind that is not known');
  // A copy starts at a multiple of eight, which views need and bytes within a payload do not have.
  return make(new Uint8Array(bytes).buffer);
}

function expect<K extends 'number' | 'string'>(value: unknown, type: K): K extends 'number' ? number : string {
  // oxlint-disable-next-line valid-typeof
  if (typeof value !== type) throw new TypeError('a tag is damaged');
  return value as never;
}

function expectBytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError('a tag is damaged');
  return value;
}

function expectArray(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError('a tag is damaged');
  return value;
}
