import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { packr } from '../../src/columns/packr.ts';
import { unpackBounded } from '../../src/columns/unpack-bounded.ts';

/** As somebody else might write. */
const lavish = new Packr({ moreTypes: true, useRecords: false });

const whole = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true }));
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const leaf = fc.oneof(
  whole,
  bytes,
  fc.string({ maxLength: 400 }),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
);
const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.array(tie('value'), { maxLength: 40 }),
    fc.dictionary(fc.string({ minLength: 1, maxLength: 9 }), tie('value')).map((each) => ({ ...each })),
  ),
}));

test('what we write is read as it is', () => {
  fc.assert(
    fc.property(values, (value) => {
      const packed = packr.pack(value);
      expect(unpackBounded(packed)).toEqual(packr.unpack(packed));
    }),
    { numRuns: 500 },
  );
  const many = Array.from({ length: 70_000 }, (_, index) => index * 7);
  expect(unpackBounded(packr.pack(many))).toEqual(many);
});

test('what was cut off anywhere, or has something behind it, is refused', () => {
  fc.assert(
    fc.property(values, fc.nat(), (value, at) => {
      const packed = packr.pack(value);
      const cut = packed.subarray(0, at % packed.length);
      expect(() => unpackBounded(cut)).toThrow(/.+/);
      expect(() => unpackBounded(Buffer.concat([packed, Uint8Array.of(0)]))).toThrow(TypeError);
    }),
    { numRuns: 500 },
  );
});

describe('is refused before room is made for it:', () => {
  test.each<[string, readonly number[]]>([
    ['an array of 268 million', [0xdd, 0x0f, 0xff, 0xff, 0xff]],
    ['an array of three with one', [0x93, 0x01]],
    ['a map of four billion', [0xdf, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ['a map of a thousand', [0xde, 0x03, 0xe8, 0x01, 0x01]],
    ['four billion bytes', [0xc6, 0xff, 0xff, 0xff, 0xff, 0x01]],
    ['a text of four billion', [0xdb, 0xff, 0xff, 0xff, 0xff, 0x61]],
    ['an array in an array in an array, and so on', Array.from({ length: 30 }, (_, at) => (at === 29 ? 1 : 0x91))],
  ])('%s', (_, given) => {
    expect(() => unpackBounded(Uint8Array.from(given))).toThrow(/^cut msgpack$/);
  });
});

test.each<[string, Uint8Array]>([
  ['a date', packr.pack([new Date(5)])],
  ['a set', lavish.pack([new Set([1])])],
  ['an expression', lavish.pack([/x/])],
  ['something unheard of', Uint8Array.of(0xc7, 1, 99, 1)],
  ['one byte that is no value', Uint8Array.of(0xc1)],
])('what an extension would build is refused: %s', (_, packed) => {
  expect(() => unpackBounded(packed)).toThrow(/^an extension of msgpack$/);
});
