import { serialize } from 'node:v8';
import { expect, test } from 'vitest';
import { createCodec, type PayloadContext } from '../../src/codec/index.ts';
import { openKeyRing } from '../../src/codec/key-ring.ts';
import { packClone } from '../../src/codec/structured-clone.ts';

const context: PayloadContext = { kind: 'input', name: 'pay', queue: 'money', id: 'p-1' };
const oldKey = new Uint8Array(32).fill(1);
const newKey = new Uint8Array(32).fill(2);
const codec = createCodec({ keys: { current: 'old', keys: { old: oldKey } } });
const value = { pattern: /^a+$/u, big: 2n ** 100n };
const bytes = codec.encode(value, context) as Uint8Array;

function refusal(text: RegExp): unknown {
  return expect.objectContaining({ code: 'PAYLOAD_REFUSED', message: expect.stringMatching(text) });
}

test('a signed clone arrives', () => {
  expect(codec.decode(bytes, context)).toStrictEqual(value);
});

test.each([
  ['task', { ...context, name: 'refund' }],
  ['queue', { ...context, queue: 'other' }],
  ['id', { ...context, id: 'p-2' }],
  ['kind', { ...context, kind: 'result' as const }],
  ['split between name and queue', { ...context, name: 'paym', queue: 'oney' }],
])('a signed clone is refused under another %s', (_, other) => {
  expect(() => codec.decode(bytes, other)).toThrow(refusal(/its signature does not hold for this task/));
});

test('every byte is signed', () => {
  for (let index = 0; index < bytes.length; index++) {
    const changed = Uint8Array.from(bytes);
    changed[index] = (changed[index] as number) ^ 1;
    expect(() => codec.decode(changed, context)).toThrow(refusal(/was not decoded/));
  }
});

test('keys rotate: the old one still reads, the new one writes', () => {
  const rotated = createCodec({ keys: { current: 'new', keys: { old: oldKey, new: newKey } } });
  expect(rotated.decode(bytes, context)).toStrictEqual(value);
  const fresh = rotated.encode(value, context) as Uint8Array;
  expect(rotated.decode(fresh, context)).toStrictEqual(value);
  expect(() => codec.decode(fresh, context)).toThrow(refusal(/its signing key is not among the keys given/));
});

test('the id of a key cannot be swapped for another with the same key', () => {
  const twice = createCodec({ keys: { current: 'a', keys: { a: oldKey, b: oldKey } } });
  const swapped = Uint8Array.from(twice.encode(value, context) as Uint8Array);
  expect(String.fromCharCode(swapped[2] as number)).toBe('a');
  swapped[2] = 'b'.charCodeAt(0);
  expect(() => twice.decode(swapped, context)).toThrow(refusal(/signature/));
});

test('a clone is refused without a key, unsigned, and under a key that was guessed', () => {
  expect(() => createCodec().decode(bytes, context)).toThrow(
    refusal(/there is no key to check its signature.+Give the codec/),
  );
  const unsigned = Buffer.concat([Buffer.from('S\u0003old'), Buffer.alloc(32), serialize(value)]);
  expect(() => codec.decode(unsigned, context)).toThrow(refusal(/signature/));
  const forged = createCodec({ keys: { current: 'old', keys: { old: newKey } } }).encode(value, context) as Uint8Array;
  expect(() => codec.decode(forged, context)).toThrow(refusal(/signature/));
});

test('a good signature does not excuse what no value should hold', () => {
  const ring = openKeyRing({ current: 'old', keys: { old: oldKey } }, 'signing', { min: 32 });
  for (const hostile of [JSON.parse('[{"__proto__":{"admin":true}}]'), Object.assign([], { length: 2 ** 32 - 1 })]) {
    const signed = packClone('S'.charCodeAt(0), hostile, context, ring);
    expect(() => codec.decode(signed, context)).toThrow(refusal(/it has (a key __proto__|an array of length)/));
  }
});

test('a clone over the limit is too large', () => {
  const small = createCodec({ maxBytes: 100, keys: { current: 'old', keys: { old: oldKey } } });
  expect(() => small.encode({ big: 2n ** 64n, text: 'x'.repeat(60) }, context)).toThrow(
    expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }),
  );
});

test('keys may be base64, and bad ones are refused without being shown', () => {
  const text = Buffer.from(oldKey).toString('base64');
  expect(createCodec({ keys: { current: 'old', keys: { old: text } } }).decode(bytes, context)).toStrictEqual(value);
  const open = (current: string, keys: Record<string, Uint8Array | string>): unknown =>
    createCodec({ keys: { current, keys } });
  expect(() => open('gone', { old: oldKey })).toThrow(/"gone" is not among the keys given\. Known: old/);
  expect(() => open('old', { old: 'c2hvcnQ=' })).toThrow(/"old" has 5 bytes/);
  expect(() => open('old', { old: 'pass phrase!' })).toThrow(/"old" has 0 bytes/);
  expect(() => open('a b', { 'a b': oldKey })).toThrow(/key id "a b" is not valid/);
  expect(() => open('old', { old: 'c2hvcnQ=' })).not.toThrow(/c2hvcnQ/);
});
