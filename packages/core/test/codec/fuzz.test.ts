import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { compress, createCodec, encrypt, type Codec, type PayloadContext } from '../../src/codec/index.ts';
import { isOmniQError } from '../../src/errors.ts';

const context: PayloadContext = { kind: 'result', name: 'fuzz', queue: 'q', id: 'f-1' };
const ring = { current: 'k', keys: { k: new Uint8Array(32).fill(1) } };
const plain = createCodec({ keys: ring });
const transformed = createCodec({
  keys: ring,
  transforms: [compress({ above: 1 }), encrypt({ keys: ring, plaintext: 'accept' })],
});

/** The same numbers for the same seed, so that a failure can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const cyclic: unknown[] = [new Date(5)];
cyclic.push({ cyclic });

const seeds: readonly unknown[] = [
  { path: 'images/a.png', width: 300, tags: ['a', 'b'], nested: { deep: [1, 2.5, null, true, undefined] } },
  {
    at: new Date(7),
    map: new Map<unknown, unknown>([['k', new Set([1, 2])]]),
    view: new Float64Array([1, 2, 3]),
    zero: -0,
  },
  Array.from({ length: 40 }, (_, index) => ({ id: index, text: 'é'.repeat(index) })),
  { '': ['date', 1], bytes: new Uint8Array(50), big: 2n ** 63n },
  cyclic,
  'x'.repeat(300),
];

/** A value, or a refusal by its code: nothing else, whatever the bytes. */
function judge(codec: Codec, bytes: Uint8Array): 'value' | 'refused' {
  const before = Buffer.from(bytes);
  try {
    const value = codec.decode(bytes, context);
    expect(value).not.toBeInstanceOf(Promise);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    return 'value';
  } catch (error) {
    if (!isOmniQError(error, 'PAYLOAD_REFUSED')) throw new Error(`${before.toString('hex')} threw`, { cause: error });
    return 'refused';
  } finally {
    expect(before.equals(bytes)).toBe(true);
  }
}

test('4,000 random payloads of every format are values or refused', () => {
  const random = randomFrom(42);
  const seen = { value: 0, refused: 0 };
  for (let round = 0; round < 4_000; round++) {
    const bytes = Uint8Array.from({ length: 1 + Math.floor(random() * 60) }, () => random() * 256);
    bytes[0] = 'MTJSX'.charCodeAt(round % 5);
    seen[judge(round % 2 === 0 ? plain : transformed, bytes)] += 1;
  }
  expect(seen.value).toBeGreaterThan(10);
  expect(seen.refused).toBeGreaterThan(2_000);
});

test('6,000 damaged payloads are values or refused', () => {
  const random = randomFrom(7);
  const seen = { value: 0, refused: 0 };
  for (const codec of [plain, transformed]) {
    const originals = seeds.map((value) => codec.encode(value, context) as Uint8Array);
    for (let round = 0; round < 3_000; round++) {
      const original = originals[round % originals.length] as Uint8Array;
      seen[judge(codec, damage(original, random))] += 1;
    }
    for (const [index, original] of originals.entries()) {
      expect(isDeepStrictEqual(codec.decode(original, context), seeds[index])).toBe(true);
    }
  }
  expect(seen.value).toBeGreaterThan(200);
  expect(seen.refused).toBeGreaterThan(2_000);
});

test('lengths that promise more than there is allocate nothing', () => {
  const random = randomFrom(11);
  const before = process.memoryUsage();
  for (let round = 0; round < 2_000; round++) {
    const token = [0xdd, 0xdf, 0xdb, 0xc6, 0xdc, 0xde][round % 6] as number;
    const bytes = Uint8Array.from({ length: 12 }, () => random() * 256);
    bytes.set([0x4d, 0x91, token, 0x7f, 0xff]);
    expect(judge(plain, bytes)).toBe('refused');
  }
  const after = process.memoryUsage();
  expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(50_000_000);
});

test('random values arrive equal', () => {
  const random = randomFrom(99);
  for (let round = 0; round < 2_000; round++) {
    const value = invent(random, 0);
    const arrived = plain.decode(plain.encode(value, context) as Uint8Array, context);
    expect(isDeepStrictEqual(arrived, value), `round ${round}`).toBe(true);
  }
});

function damage(original: Uint8Array, random: () => number): Uint8Array {
  const bytes = Uint8Array.from(original);
  const kind = random();
  if (kind < 0.2) return bytes.subarray(0, Math.floor(random() * bytes.length));
  if (kind < 0.3) return Buffer.concat([bytes, Buffer.from([random() * 256])]);
  const flips = kind < 0.7 ? 1 : 4;
  // The format stays, so that damage reaches what reads it.
  for (let flip = 0; flip < flips; flip++) bytes[1 + Math.floor(random() * (bytes.length - 1))] = random() * 256;
  return bytes;
}

const texts = ['', 'a', 'é', '\uFEFFx', '__proto_', 'constructor', '😀', 'x'.repeat(70), `\uFEFF${'y'.repeat(70)}`];

function invent(random: () => number, depth: number): unknown {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const many = (): number[] => Array.from({ length: Math.floor(random() * 4) }, (_, index) => index);
  const child = (): unknown => invent(random, depth + 1);
  const scalars = [
    null,
    undefined,
    true,
    0,
    -0,
    Number.NaN,
    Infinity,
    -1,
    2 ** 31,
    2 ** 40,
    0.1,
    5n,
    -(2n ** 63n),
    2n ** 70n,
  ];
  switch (Math.floor(random() * (depth > 4 ? 4 : 8))) {
    case 0:
      return pick(scalars) ?? null;
    case 1:
      return pick(texts);
    case 2:
      return new Date(Math.floor((random() - 0.5) * 8e15));
    case 3:
      return pick([new Uint8Array([1, 2]), new Float32Array([0.5]), new BigUint64Array([7n]), new ArrayBuffer(3)]);
    case 4:
      return many().map(child);
    case 5:
      return new Map(many().map(() => [child(), child()]));
    case 6:
      return new Set(many().map(child));
    default:
      return Object.fromEntries(many().map(() => [pick(texts), child()]));
  }
}
