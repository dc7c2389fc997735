import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createCodec, type PayloadContext } from '../../src/codec/index.ts';

const context: PayloadContext = { kind: 'input', name: 'mail.send', queue: 'mail', id: 'task-1' };
const keys = { current: 'k1', keys: { k1: new Uint8Array(32).fill(7) } };
const unsigned = createCodec();
const signed = createCodec({ keys });

class User {
  name = 'Ann';
}
class Users extends Array<string> {}
class MailError extends Error {}

const cyclic: Record<string, unknown> = { name: 'loop' };
cyclic['self'] = { back: cyclic };
const shared = { street: 'Main' };
const sparse: number[] = [1];
sparse[3] = 4;
const holed = Object.assign([1], { length: 2, index: 0 });

const endless: object = new Proxy([], { getPrototypeOf: () => endless });

const equalCases: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['true and false', [true, false]],
  ['an empty text', ''],
  [
    'texts of every length class',
    ['a'.repeat(31), 'b'.repeat(32), 'c'.repeat(255), 'd'.repeat(256), 'e'.repeat(70_000)],
  ],
  ['texts beyond ASCII', ['é', '漢字'.repeat(40), '😀'.repeat(40), '\u0000', '\u2028']],
  ['a text with a byte order mark', { short: '\uFEFFa', long: `\uFEFF${'a'.repeat(100)}` }],
  ['a key with a byte order mark', { [`\uFEFF${'k'.repeat(100)}`]: 1, other: 2 }],
  ['whole numbers', [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]],
  ['negative numbers', [-1, -32, -33, -128, -129, -32_768, -32_769, -(2 ** 31), -(2 ** 31) - 1, -(2 ** 53) + 1]],
  ['fractions', [0.1, -1.5, Number.MIN_VALUE, Number.MAX_VALUE, Number.EPSILON]],
  ['NaN, Infinity and -0', { nan: Number.NaN, up: Infinity, down: -Infinity, zero: -0, in: [-0, 0] }],
  ['-0 alone', -0],
  ['small and 64-bit BigInt', [0n, 1n, -1n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 63n)]],
  ['undefined within', { a: undefined, b: [undefined, 1] }],
  ['dates', [new Date(0), new Date(-1), new Date(1_700_000_000_123), new Date(8.64e15), new Date(-8.64e15)]],
  ['an invalid date', { at: new Date(Number.NaN) }],
  [
    'a Map of all kinds of keys',
    new Map<unknown, unknown>([
      ['a', 1],
      [2, new Date(3)],
      [{ o: 1 }, new Set([1, 'b'])],
      [null, undefined],
    ]),
  ],
  ['an object beside a Map', { map: new Map([['a', 1]]), object: { a: 1 }, empty: [{}, [], new Map(), new Set()] }],
  ['bytes', new Uint8Array([0, 1, 255])],
  ['typed arrays', [new Int8Array([-1]), new Uint8ClampedArray([255]), new Uint16Array([1, 2]), new Int16Array([-2])]],
  [
    'wide typed arrays',
    [new Float64Array([Number.NaN, 1.5]), new Float32Array([0.5]), new BigInt64Array([-5n]), new BigUint64Array([5n])],
  ],
  ['32-bit typed arrays', [new Int32Array([-5]), new Uint32Array([5])]],
  ['a view of a part', new Uint16Array(new Uint16Array([1, 2, 3, 4]).buffer, 2, 2)],
  [
    'a typed array at an odd place',
    { pad: 'x', view: new Float64Array([1, 2]), pad2: 'yyy', view2: new Float64Array([3]) },
  ],
  ['an ArrayBuffer', { buffer: new Uint8Array([1, 2]).buffer }],
  ['a DataView', new DataView(new Uint8Array([1, 2, 3]).buffer, 1)],
  [
    'keys that mean something elsewhere',
    { constructor: 1, toJSON: true, hasOwnProperty: 'no', toString: null, length: 3 },
  ],
  ['an object that looks like a tag', { '': ['date', 0], nested: { '': ['map', []] } }],
  ['only an object that looks like a tag', { '': { '': ['-0'] } }],
  [
    'more keys than 16 bits count',
    Object.fromEntries(Array.from({ length: 70_000 }, (_, index) => [`k${index}`, index])),
  ],
  ['whole numbers as keys', { 10: 'a', 2: 'b', '-1': 'c', '01': 'd' }],
  ['long keys', { ['k'.repeat(40)]: 1, ['é'.repeat(300)]: 2 }],
  ['deep nesting', nested(200)],
];

test.each(equalCases)('%s arrives equal, with and without a key', (_, value) => {
  for (const codec of [unsigned, signed]) {
    const bytes = codec.encode(value, context);
    expect(bytes).toBeInstanceOf(Uint8Array);
    const arrived = codec.decode(bytes as Uint8Array, context);
    expect(isDeepStrictEqual(arrived, value)).toBe(true);
  }
});

const signedCases: readonly (readonly [string, unknown, string, string])[] = [
  ['a cycle', cyclic, 'input.self.back', 'a cycle'],
  ['a BigInt beyond 64 bits', { big: [2n ** 64n] }, 'input.big[0]', 'a BigInt beyond 64 bits'],
  ['a BigInt below 64 bits', -(2n ** 63n) - 1n, 'input', 'a BigInt beyond 64 bits'],
  ['a RegExp', { match: /a+/giu }, 'input.match', 'a RegExp'],
  ['an Error', { failed: new TypeError('no', { cause: { code: 7 } }) }, 'input.failed', 'an Error'],
  ['a sparse array', { list: sparse }, 'input.list', 'a sparse array'],
  ['an array with keys', Object.assign([1], { index: 0 }), 'input', 'an array with keys of its own'],
  ['a sparse array with as many keys as holes', holed, 'input', 'a sparse array'],
  ['half a surrogate pair', { text: 'a\uD800' }, 'input.text', 'a text with half of a surrogate pair'],
  ['half a surrogate pair in a key', { ['\uDC00']: 1 }, 'input', 'a text with half of a surrogate pair'],
];

describe.each(signedCases)('%s', (_, value, path, what) => {
  test('arrives equal under a signing key', () => {
    const bytes = signed.encode(value, context) as Uint8Array;
    expect(isDeepStrictEqual(signed.decode(bytes, context), value)).toBe(true);
  });

  test('is refused without one, with its path and both remedies', () => {
    const encode = (): unknown => unsigned.encode(value, context);
    expect(encode).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_UNSUPPORTED', details: expect.objectContaining({ path, what }) }),
    );
    expect(encode).toThrow(
      /^input\S* is .+ mail\.send carries only signed\. Either .+, or give the codec signing `keys`/,
    );
  });
});

const throwing = new Proxy(
  {},
  {
    ownKeys: () => {
      throw new Error('trap');
    },
  },
);
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();

const refusedCases: readonly (readonly [string, unknown, string, RegExp])[] = [
  ['a function', { on: { done: function finish() {} } }, 'input.on.done', /a function \(finish\)/],
  ['a symbol', [Symbol('s')], 'input[0]', /a symbol/],
  ['a class instance', { a: { b: [0, 0, 0, new User()] } }, 'input.a.b[3]', /an instance of User.+send a plain object/],
  ['a subclass of Array', { list: Users.from(['a']) }, 'input.list', /an instance of Users/],
  ['a subclass of Error', { e: new MailError('x') }, 'input.e', /an instance of MailError/],
  ['a URL', { url: new URL('http://localhost/') }, 'input.url', /an instance of URL/],
  ['a WeakMap', { weak: new WeakMap() }, 'input.weak', /an instance of WeakMap/],
  ['a Promise', { later: Promise.resolve(1) }, 'input.later', /an instance of Promise/],
  ['a boxed number', { boxed: Object(1) as unknown }, 'input.boxed', /an instance of Number/],
  ['a Promise without its prototype', [Object.setPrototypeOf(Promise.resolve(), null)], 'input[0]', /not plain/],
  ['a generator', { items: (function* items() {})() }, 'input.items', /send a plain object/],
  ['an object made from another', { made: Object.create({ inherited: 1 }) as unknown }, 'input.made', /not plain/],
  ['an own __proto__', { a: JSON.parse('{"__proto__":{"admin":true}}') as unknown }, 'input.a', /__proto__/],
  ['a symbol key', { a: { [Symbol('s')]: 1 } }, 'input.a', /a symbol for a key/],
  [
    'a getter that throws',
    {
      a: {
        get b(): never {
          throw new RangeError('secret');
        },
      },
    },
    'input.a',
    /throws when it is read \(RangeError\)/,
  ],
  ['a proxy that throws', { a: throwing }, 'input.a', /throws when it is read/],
  ['a revoked proxy', { a: [revoked] }, 'input.a[0]', /throws when it is read/],
  [
    'a Map with keys of its own',
    Object.assign(new Map(), { extra: 1 }),
    'input',
    /an instance of Map with keys of its own/,
  ],
  ['a RegExp in the middle of a text', { re: Object.assign(/a/g, { lastIndex: 3 }) }, 'input.re', /lastIndex/],
  ['an Error with a code', Object.assign(new Error('x'), { code: 'E' }), 'input', /with keys of its own/],
  ['a function in the cause of an Error', new Error('x', { cause: () => 1 }), 'input.cause', /a function/],
  ['a function behind a cycle', { ...cyclic, last: () => 1 }, 'input.last', /a function/],
  ['a strange key', { 'a b': { 'c"d': Symbol.iterator } }, 'input["a b"]["c\\"d"]', /a symbol/],
  ['a function in a Map', new Map([['k', () => 1]]), 'input[0]', /a function/],
  [
    'a Date without its prototype',
    { at: Object.setPrototypeOf(new Date(0), null) as unknown },
    'input.at',
    /not plain/,
  ],
  ['a proxy whose prototypes never end', { list: endless }, 'input.list', /Instead/],
  ['a SharedArrayBuffer', { memory: new SharedArrayBuffer(8) }, 'input.memory', /SharedArrayBuffer/],
];

test.each(refusedCases)('%s is refused, with its path and what to do, whatever the keys', (_, value, path, text) => {
  for (const codec of [unsigned, signed]) {
    const encode = (): unknown => codec.encode(value, context);
    expect(encode).toThrow(
      expect.objectContaining({
        code: 'PAYLOAD_UNSUPPORTED',
        details: expect.objectContaining({ path, id: 'task-1', task: 'mail.send' }),
      }),
    );
    expect(encode).toThrow(text);
    expect(encode).toThrow(/Instead, (send|use|name) /);
    expect(encode).not.toThrow(/secret/);
  }
});

test('a proxy that behaves is data', () => {
  const bytes = unsigned.encode(new Proxy({ a: [1] }, {}), context) as Uint8Array;
  expect(unsigned.decode(bytes, context)).toStrictEqual({ a: [1] });
});

test('a getter that gives data at first and then a function is refused', () => {
  let reads = 0;
  const shifty = {
    get value(): unknown {
      return reads++ === 0 ? 1 : () => 1;
    },
  };
  expect(() => unsigned.encode(shifty, context)).toThrow(
    expect.objectContaining({ code: 'PAYLOAD_UNSUPPORTED', details: expect.objectContaining({ path: 'input.value' }) }),
  );
});

test('undefined is no bytes, and no bytes are undefined', () => {
  expect(unsigned.encode(undefined, context)).toHaveLength(0);
  expect(unsigned.decode(null, context)).toBeUndefined();
  expect(unsigned.decode(new Uint8Array(0), context)).toBeUndefined();
});

test('a Buffer arrives as Uint8Array, and a handler that writes into it changes nothing stored', () => {
  const bytes = unsigned.encode({ file: Buffer.from('abc') }, context) as Uint8Array;
  const before = Buffer.from(bytes).toString('hex');
  const { file } = unsigned.decode(Buffer.from(bytes.buffer), context) as { file: Uint8Array };
  expect(Object.getPrototypeOf(file)).toBe(Uint8Array.prototype);
  file.fill(0);
  expect(Buffer.from(bytes).toString('hex')).toBe(before);
  expect(unsigned.decode(bytes, context)).toStrictEqual({ file: new Uint8Array([97, 98, 99]) });
});

test('an object without a prototype arrives as a plain one, what is held twice as two', () => {
  const value = Object.assign(Object.create(null) as object, { billing: shared, shipping: shared });
  const arrived = unsigned.decode(unsigned.encode(value, context) as Uint8Array, context) as Record<string, unknown>;
  expect(arrived).toStrictEqual({ billing: { street: 'Main' }, shipping: { street: 'Main' } });
  expect(arrived['billing']).not.toBe(arrived['shipping']);
});

test('encoded bytes own their memory', () => {
  for (const value of [{ a: 1 }, { at: new Date() }, 'x'.repeat(5_000), cyclic]) {
    const bytes = signed.encode(value, context) as Uint8Array;
    expect(bytes.buffer.byteLength).toBe(bytes.length);
  }
  const first = unsigned.encode({ a: 'first' }, context) as Uint8Array;
  const copy = Uint8Array.from(first);
  void unsigned.encode({ a: 'other' }, context);
  expect(first).toStrictEqual(copy);
});

test('a getter may enqueue while it is read', () => {
  const value = {
    before: 'a',
    get inner(): number {
      return (unsigned.encode({ nested: true }, context) as Uint8Array).length;
    },
    after: 'z',
  };
  const arrived = unsigned.decode(unsigned.encode(value, context) as Uint8Array, context);
  expect(arrived).toStrictEqual({ before: 'a', inner: 10, after: 'z' });
});

test('JSON after a J is a payload, as plain SQL can write it', () => {
  expect(unsigned.decode(Buffer.from('J{"path":"a.png","width":300}'), context)).toStrictEqual({
    path: 'a.png',
    width: 300,
  });
  expect(unsigned.decode(Buffer.from('Jnull'), context)).toBeNull();
  expect(unsigned.decode(Buffer.from('J["é", "\\"[", 1.5]'), context)).toStrictEqual(['é', '"[', 1.5]);
});

function nested(depth: number): unknown {
  let value: unknown = 'bottom';
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { down: value };
  return value;
}

test('brackets and quotes within JSON texts are no values', () => {
  const brackets = `"${'['.repeat(300)}`;
  expect(unsigned.decode(Buffer.from(`J${JSON.stringify(brackets)}`), context)).toBe(brackets);
});

test('a date made under fake timers arrives as a date, one of a class of its own is refused', () => {
  class ClockDate extends Date {}
  class Deadline extends Date {
    isOver(): boolean {
      return true;
    }
  }
  const arrived = unsigned.decode(unsigned.encode({ at: new ClockDate(5) }, context) as Uint8Array, context);
  expect(arrived).toEqual({ at: new Date(5) });
  expect(() => unsigned.encode(new Deadline(5), context)).toThrow(/an instance of Deadline/);
});
