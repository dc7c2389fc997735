import { serialize } from 'node:v8';
import { expect, test } from 'vitest';
import { createCodec, type PayloadContext } from '../../src/codec/index.ts';
import { checkClone } from '../../src/codec/structured-clone.ts';
import { defaultLimits } from '../../src/codec/limits.ts';

const context: PayloadContext = { kind: 'input', name: 'report', queue: 'default', id: 'r-1' };
const codec = createCodec();

function refusal(code: string, text: RegExp): unknown {
  return expect.objectContaining({ code, message: expect.stringMatching(text) });
}

function bytesOf(...parts: readonly (string | readonly number[] | Uint8Array)[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  );
}

test('a payload of the largest size arrives, one byte more is too large and says what to do', () => {
  const room = codec.limits.maxBytes - 1 - 5;
  const largest = 'a'.repeat(room);
  const bytes = codec.encode(largest, context) as Uint8Array;
  expect(bytes).toHaveLength(codec.limits.maxBytes);
  expect(codec.decode(bytes, context)).toBe(largest);
  expect(() => codec.encode(`${largest}a`, context)).toThrow(
    refusal('PAYLOAD_TOO_LARGE', /1048577 bytes; the limit is 1048576\..+offload\(\).+maxBytes/),
  );
});

test.each([
  ['one text', 'x'.repeat(2_097_152)],
  ['many texts', Array.from({ length: 2_048 }, () => 'x'.repeat(1_024))],
  ['text that grows in UTF-8', '漢'.repeat(500_000)],
  ['bytes', { file: new Uint8Array(2_097_152) }],
  ['bytes in a Map', new Map([['file', new Float64Array(262_144)]])],
  ['one text beside a date', [new Date(), 'x'.repeat(2_097_152)]],
  ['a buffer', new ArrayBuffer(2_097_152)],
])('2 MiB as %s are too large', (_, value) => {
  expect(() => codec.encode(value, context)).toThrow(refusal('PAYLOAD_TOO_LARGE', /bytes; the limit is 1048576/));
});

test('too many values and too many levels are too large, on the way in', () => {
  const small = createCodec({ maxNodes: 100, maxDepth: 10 });
  expect(() =>
    small.encode(
      Array.from({ length: 100 }, () => 1),
      context,
    ),
  ).toThrow(refusal('PAYLOAD_TOO_LARGE', /values; the limit is 100/));
  expect(() => small.encode([new Date(), ...Array.from({ length: 98 }, () => [])], context)).toThrow(
    refusal('PAYLOAD_TOO_LARGE', /100 values/),
  );
  expect(
    small.decode(
      small.encode(
        Array.from({ length: 99 }, () => 1),
        context,
      ) as Uint8Array,
      context,
    ),
  ).toHaveLength(99);
  let deep: unknown = 1;
  for (let level = 0; level < 11; level++) deep = [deep];
  expect(() => small.encode(deep, context)).toThrow(
    refusal('PAYLOAD_TOO_LARGE', /at least 11 levels; the limit is 10/),
  );
  let branching: unknown = 'leaf';
  for (let level = 0; level < 40; level++) branching = [branching, branching];
  expect(() => codec.encode(branching, context)).toThrow(refusal('PAYLOAD_TOO_LARGE', /values/));
});

test('what encodes at a limit decodes at it', () => {
  const small = createCodec({ maxNodes: 50, maxDepth: 8 });
  let carried = 0;
  for (let count = 1; count < 60; count++) {
    for (const value of [Array.from({ length: count }, () => new Date(0)), Array.from({ length: count }, () => ({}))]) {
      const bytes = attempt(() => small.encode(value, context) as Uint8Array);
      if (bytes === undefined) continue;
      expect(small.decode(bytes, context)).toStrictEqual(value);
      carried += 1;
    }
  }
  expect(carried).toBeGreaterThan(50);
});

test('a megabyte of empty maps is refused before anything is built', () => {
  const bomb = bytesOf('M', [0xdd, 0x00, 0x0f, 0xff, 0x00], new Uint8Array(1_048_320).fill(0x80));
  expect(bomb.length).toBeLessThan(codec.limits.maxBytes);
  const before = process.memoryUsage().heapUsed;
  expect(() => codec.decode(bomb, context)).toThrow(refusal('PAYLOAD_REFUSED', /more than 200000 values/));
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(8_000_000);
});

test.each([
  ['an array longer than its bytes', [0xdd, 0xff, 0xff, 0xff, 0xff], /ends too early/],
  ['a map longer than its bytes', [0xdf, 0xff, 0xff, 0xff, 0xff], /ends too early/],
  ['a text longer than its bytes', [0xdb, 0xff, 0xff, 0xff, 0xff, 0x61], /ends too early/],
  ['bytes longer than there are', [0xc6, 0x7f, 0xff, 0xff, 0xff], /ends too early/],
  ['a length cut off', [0xdd, 0x00], /ends too early/],
  ['a number cut off', [0xcb, 0, 0, 0], /ends too early/],
  ['nothing', [], /ends too early/],
  ['something after the value', [0xc0, 0xc0], /1 bytes follow/],
  ['a record definition', [0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01], /a type that is not carried/],
  ['a record of two bytes', [0xd5, 0x72, 0x40, 0x00], /a type that is not carried/],
  ['an Error extension', [0xd4, 0x65, 0x00, 0x93, 0xa1, 0x61, 0xa1, 0x62, 0xc0], /a type that is not carried/],
  ['a RegExp extension', [0xd4, 0x78, 0x00, 0x92, 0xa4, 0x28, 0x61, 0x2b, 0x29, 0xa0], /a type that is not carried/],
  ['a pointer', [0xd6, 0x70, 0, 0, 0, 1], /a type that is not carried/],
  ['a bundle of strings', [0xd6, 0x62, 0, 0, 0, 4], /a type that is not carried/],
  ['a huge BigInt', [0xc7, 0x0c, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], /a type that is not carried/],
  ['the unused type', [0xc1], /a type that is not carried/],
  ['a key that is a number', [0x81, 0x01, 0x01], /a key that is not a string/],
  ['a key that is a map', [0x81, 0x80, 0x01], /a key that is not a string/],
  ['a key __proto__', bytesOf([0x81, 0xa9], '__proto__', [0x81, 0xa1, 0x61, 0x01]), /a key __proto__/],
  ['a long-form key __proto__', bytesOf([0x81, 0xd9, 0x09], '__proto__', [0xc0]), /a key __proto__/],
  ['300 levels', [...new Uint8Array(300).fill(0x91), 0xc0], /nests deeper than 256/],
])('MessagePack with %s is refused', (_, body, why) => {
  for (const format of ['M', 'T']) {
    expect(() => codec.decode(bytesOf(format, body), context)).toThrow(refusal('PAYLOAD_REFUSED', why));
  }
});

test.each([
  ['an unknown one', ['\xa4evil']],
  ['a date that is none', ['\xa4date', '\xa1a']],
  ['a map of an odd length', ['\xa3map', '\x91\x01']],
  ['a set of nothing', ['\xa3set']],
  ['a view of a kind that is not known', ['\xa4view', '\xa8Function', '\xc4\x00']],
  ['a view named constructor', ['\xa4view', '\xabconstructor', '\xc4\x00']],
  ['a view named __proto__', ['\xa4view', '\xa9__proto__', '\xc4\x00']],
  ['a view of half a number', ['\xa4view', '\xacFloat64Array', '\xc4\x01\x01']],
  ['an object with __proto__', ['\xa6object', '\x92\xa9__proto__\x80']],
])('a tag that is %s is refused', (_, parts) => {
  const body = bytesOf([0x81, 0xa0, 0x90 | parts.length], ...parts);
  expect(() => codec.decode(bytesOf('T', body), context)).toThrow(refusal('PAYLOAD_REFUSED', /damaged/));
});

test.each([
  ['broken', 'J{"a":', /damaged/],
  ['empty', 'J', /damaged/],
  ['with an own __proto__', 'J{"a":{"__proto__":{"admin":true}}}', /a key __proto__/],
  ['with a hidden __proto__', String.raw`J{"\u005f_proto__":1}`, /a key __proto__/],
  ['300 deep', `J${'['.repeat(300)}${']'.repeat(300)}`, /nests deeper/],
  ['of empty objects', `J[${'{},'.repeat(210_000)}{}]`, /more than 200000 values/],
  ['of many numbers', `J[${'1,'.repeat(210_000)}1]`, /more than 200000 values/],
])('JSON that is %s is refused', (_, text, why) => {
  expect(() => codec.decode(Buffer.from(text), context)).toThrow(refusal('PAYLOAD_REFUSED', why));
});

test('JSON that is not UTF-8 is refused', () => {
  expect(() => codec.decode(bytesOf('J"', [0xff, 0xfe], '"'), context)).toThrow(refusal('PAYLOAD_REFUSED', /damaged/));
});

test.each([
  ['a key __proto__', JSON.parse('{"a":[{"__proto__":1}]}'), /a key __proto__/],
  ['a key __proto__ in a Map', new Map([['k', JSON.parse('{"__proto__":1}')]]), /a key __proto__/],
  ['an absurd length', Object.assign([], { length: 2 ** 32 - 1 }), /an array of length 4294967295/],
  [
    'too many values',
    Array.from({ length: 2_000 }, () => Array.from({ length: 200 }, () => 0)),
    /more than 200000 values/,
  ],
])('a clone with %s is refused even under a good signature', (_, value, why) => {
  expect(serialize(value).length).toBeGreaterThan(0);
  expect(() => checkClone(value, context, defaultLimits)).toThrow(refusal('PAYLOAD_REFUSED', why));
});

test('bytes over the limit, and of no known format, are refused', () => {
  const over = new Uint8Array(codec.limits.maxBytes + 1).fill(0x4d);
  expect(() => codec.decode(over, context)).toThrow(refusal('PAYLOAD_REFUSED', /1048577 bytes, over the limit/));
  for (const first of [0x00, 0x01, 0x7b, 0xff]) {
    expect(() => codec.decode(Uint8Array.of(first, 1, 2), context)).toThrow(
      refusal('PAYLOAD_REFUSED', /its format \(\d+\) is not known/),
    );
  }
});

test('limits that are none are refused', () => {
  for (const maxBytes of [0, -1, 1.5, Number.NaN, Infinity]) {
    expect(() => createCodec({ maxBytes })).toThrow(refusal('INVALID_OPTION', /maxBytes of the codec is/));
  }
});

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
