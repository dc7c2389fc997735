import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  compress,
  createCodec,
  encrypt,
  offload,
  type CompressAlgorithm,
  type PayloadContext,
  type Transform,
} from '../../src/codec/index.ts';
import { OmniQError } from '../../src/errors.ts';
import { AlterableRecords } from './alterable-records.ts';

const context: PayloadContext = { kind: 'input', name: 'import', queue: 'q', id: 'i-1' };
const keys = { current: 'k', keys: { k: new Uint8Array(32).fill(3) } };
const value = { rows: Array.from({ length: 200 }, (_, index) => ({ index, name: 'the same again' })) };
const plainSize = (createCodec().encode(value, context) as Uint8Array).length;

function refusal(text: RegExp): unknown {
  return expect.objectContaining({ code: 'PAYLOAD_REFUSED', message: expect.stringMatching(text) });
}

async function bytesFrom(
  codec: { encode: (value: unknown, context: PayloadContext) => unknown },
  given: unknown = value,
): Promise<Uint8Array> {
  return (await codec.encode(given, context)) as Uint8Array;
}

describe('compress', () => {
  test.each<CompressAlgorithm>(['gzip', 'brotli', 'zstd'])(
    '%s shrinks and arrives, read by a codec that writes another',
    async (algorithm) => {
      const bytes = await bytesFrom(createCodec({ transforms: [compress({ algorithm })] }));
      expect(bytes.length).toBeLessThan(plainSize / 4);
      expect(await createCodec({ transforms: [compress()] }).decode(bytes, context)).toStrictEqual(value);
    },
  );

  test('small payloads and those that do not shrink stay as they are, and synchronous', () => {
    const codec = createCodec({ transforms: [compress({ above: 500 })] });
    const small = codec.encode({ a: 1 }, context) as Uint8Array;
    expect(small[0]).toBe('M'.charCodeAt(0));
    const noise = codec.encode(
      Uint8Array.from({ length: 600 }, (_, index) => (index * index * 7_919) >> 3),
      context,
    );
    expect((noise as Uint8Array)[0]).toBe('M'.charCodeAt(0));
    expect(codec.encode(value, context)).toBeInstanceOf(Uint8Array);
  });

  test('large payloads are compressed beside the event loop', async () => {
    const codec = createCodec({ transforms: [compress()] });
    const large = { text: 'abc'.repeat(50_000) };
    const encoded = codec.encode(large, context);
    expect(encoded).toBeInstanceOf(Promise);
    expect(await codec.decode((await encoded) as Uint8Array, context)).toStrictEqual(large);
  });

  test('a bomb stops at the limit', async () => {
    const codec = createCodec({ maxBytes: 100_000, transforms: [compress()] });
    const bomb = gzipSync(Buffer.alloc(20_000_000, 'a'));
    expect(bomb.length).toBeLessThan(32_768);
    const bytes = Buffer.concat([Buffer.from('X\u0001\u0008compressg'), bomb]);
    expect(() => codec.decode(bytes, context)).toThrow(refusal(/decompresses to more than the limit/));
    const wide = createCodec({ maxBytes: 1_000_000, transforms: [compress()] });
    const large = Buffer.concat([Buffer.from('X\u0001\u0008compressg'), gzipSync(Buffer.alloc(50_000_000, 'a'))]);
    expect(large.length).toBeGreaterThan(40_000);
    await expect(wide.decode(large, context)).rejects.toThrow(refusal(/decompresses to more than the limit/));
  });

  test('damage is refused', () => {
    const codec = createCodec({ transforms: [compress()] });
    expect(() => codec.decode(Buffer.from('X\u0001\u0008compressgnonsense'), context)).toThrow(
      refusal(/compression is damaged/),
    );
    expect(() => codec.decode(Buffer.from('X\u0001\u0008compress?nonsense'), context)).toThrow(
      refusal(/does not know/),
    );
  });
});

describe('encrypt', () => {
  const codec = createCodec({ transforms: [encrypt({ keys })] });

  test('hides the value and arrives', async () => {
    const bytes = await bytesFrom(codec, { secret: 'tell nobody' });
    expect(Buffer.from(bytes).includes('tell nobody')).toBe(false);
    expect(codec.decode(bytes, context)).toStrictEqual({ secret: 'tell nobody' });
    expect(await bytesFrom(codec, { secret: 'tell nobody' })).not.toStrictEqual(bytes);
  });

  test('is bound to the task, and to every byte', async () => {
    const bytes = await bytesFrom(codec, { a: 1 });
    for (const other of [{ id: 'i-2' }, { queue: 'r' }, { name: 'export' }, { kind: 'result' as const }]) {
      expect(() => codec.decode(bytes, { ...context, ...other })).toThrow(refusal(/belongs to another task/));
    }
    for (let index = 0; index < bytes.length; index++) {
      const changed = Uint8Array.from(bytes);
      changed[index] = (changed[index] as number) ^ 1;
      expect(() => codec.decode(changed, context)).toThrow(refusal(/was not decoded/));
    }
    for (let end = 1; end < bytes.length; end++) {
      expect(() => codec.decode(bytes.subarray(0, end), context)).toThrow(refusal(/was not decoded/));
    }
  });

  test('what is not encrypted is refused, unless that is accepted while old payloads drain', async () => {
    const plain = await bytesFrom(createCodec(), { a: 1 });
    expect(() => codec.decode(plain, context)).toThrow(refusal(/did not go through encrypt, which is required/));
    expect(() => codec.decode(Buffer.from('J{"a":1}'), context)).toThrow(refusal(/required/));
    const lenient = createCodec({ transforms: [encrypt({ keys, plaintext: 'accept' })] });
    expect(lenient.decode(plain, context)).toStrictEqual({ a: 1 });
  });

  test('keys rotate', async () => {
    const bytes = await bytesFrom(codec, { a: 1 });
    const rotated = { current: 'new', keys: { ...keys.keys, new: new Uint8Array(32).fill(9) } };
    expect(createCodec({ transforms: [encrypt({ keys: rotated })] }).decode(bytes, context)).toStrictEqual({ a: 1 });
    const without = { current: 'new', keys: { new: rotated.keys.new } };
    expect(() => createCodec({ transforms: [encrypt({ keys: without })] }).decode(bytes, context)).toThrow(
      refusal(/not among the keys/),
    );
    expect(() => encrypt({ keys: { current: 'k', keys: { k: new Uint8Array(33) } } })).toThrow(
      /exactly 32 random bytes/,
    );
  });
});

describe('offload', () => {
  const above = 1_000;

  test('keeps the body elsewhere, once for the same body, and takes more than the limit', async () => {
    const records = new AlterableRecords();
    const codec = createCodec({ transforms: [offload({ records, above })] });
    const large = { text: 'x'.repeat(3_000_000) };
    const bytes = await bytesFrom(codec, large);
    expect(bytes.length).toBeLessThan(100);
    expect(await bytesFrom(codec, large)).toStrictEqual(bytes);
    expect(records.kept.size).toBe(1);
    expect(await codec.decode(bytes, context)).toStrictEqual(large);
    expect(codec.encode({ a: 1 }, context)).toBeInstanceOf(Uint8Array);
    const modest = createCodec({ transforms: [offload({ records, above, maxBytes: 2_000_000 })] });
    expect(() => modest.encode(large, context)).toThrow(expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }));
    await expect(modest.decode(bytes, context)).rejects.toThrow(
      refusal(/its record has 3000012 bytes, over the limit/),
    );
  });

  test('a record that was changed, cut, swapped or lost is refused', async () => {
    const records = new AlterableRecords();
    const codec = createCodec({ transforms: [offload({ records, above })] });
    const bytes = await bytesFrom(codec);
    const [key] = [...records.kept.keys()] as [string];
    const { value: body, tag } = records.kept.get(key)!;
    const changed = Uint8Array.from(body);
    changed[500] = (changed[500] as number) ^ 1;
    for (const bad of [changed, body.subarray(1), new Uint8Array(0)]) {
      records.kept.set(key, { value: bad, tag });
      await expect(codec.decode(bytes, context)).rejects.toThrow(refusal(/its record was changed/));
    }
    records.kept.set(key, { value: body, tag });
    await expect(codec.decode(bytes, { ...context, id: 'i-2' })).rejects.toThrow(refusal(/its record is gone/));
    records.kept.clear();
    await expect(codec.decode(bytes, context)).rejects.toThrow(refusal(/its record is gone/));
    await expect(codec.decode(Buffer.from('X\u0001\u0007offloadshort'), context)).rejects.toThrow(
      refusal(/reference is damaged/),
    );
  });

  test('keys are safe whatever the names are, and are forgotten with the task', async () => {
    const records = new AlterableRecords();
    const step = offload({ records, above });
    const codec = createCodec({ transforms: [step] });
    const hostile = { ...context, name: '../../etc', queue: "'; DROP", id: 'a/b\u0000' };
    await codec.encode(value, hostile);
    await codec.encode(value, { ...hostile, kind: 'result' });
    await codec.encode({ ...value, other: true }, { ...hostile, kind: 'result' });
    await codec.encode(value, context);
    expect(records.kept.size).toBe(4);
    for (const key of records.kept.keys()) expect(key).toMatch(/^payload\/[0-9a-f]{40}\/(input|result)-[0-9a-f]{64}$/);
    expect(await step.forget(hostile)).toBe(3);
    expect(await step.forget(hostile)).toBe(0);
    expect(records.kept.size).toBe(1);
  });

  test('a store that is down says so itself, as the payload is not at fault', async () => {
    const records = new AlterableRecords();
    const codec = createCodec({ transforms: [offload({ records, above })] });
    const bytes = await bytesFrom(codec);
    records.get = () => Promise.reject(new OmniQError('STORE_UNREACHABLE', 'Down.'));
    await expect(codec.decode(bytes, context)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  });
});

describe('chains', () => {
  test('are undone in reverse, whatever the reader writes itself', async () => {
    const records = new AlterableRecords();
    const steps = [compress(), encrypt({ keys }), offload({ records, above: 100 })];
    const bytes = await bytesFrom(createCodec({ transforms: steps }));
    expect(Buffer.from(bytes).indexOf('X\u0003\u0008compress\u0007encrypt\u0007offload')).toBe(0);
    const reordered = createCodec({ transforms: steps.toReversed() });
    expect(await reordered.decode(bytes, context)).toStrictEqual(value);
    const [record] = [...records.kept.values()];
    expect(Buffer.from(record!.value).includes('the same again')).toBe(false);
  });

  test('one that is not configured is refused by its name', async () => {
    const bytes = await bytesFrom(createCodec({ transforms: [compress()] }));
    expect(() => createCodec().decode(bytes, context)).toThrow(
      refusal(/needs the transform "compress", which is not configured.+transforms/),
    );
  });

  test('a list that is damaged is refused', () => {
    const codec = createCodec({ transforms: [compress()] });
    for (const text of [
      'X',
      'X\u0000',
      'X\u0009',
      'X\u0001',
      'X\u0001\u00FFcompress',
      'X\u0001\u0003a b',
      'X\u0002\u0008compress\u0008compress',
    ]) {
      expect(() => codec.decode(Buffer.from(text, 'latin1'), context)).toThrow(
        refusal(/list of transforms is damaged/),
      );
    }
  });

  test('a step of your own may fail now or later, and both are told', async () => {
    const step = (over: Partial<Transform>): Transform => ({
      name: 'mine',
      encode: (bytes) => Uint8Array.from(bytes),
      decode: (bytes) => bytes,
      ...over,
    });
    const codec = (over: Partial<Transform>): ReturnType<typeof createCodec> =>
      createCodec({ transforms: [step(over)] });
    const bytes = await bytesFrom(codec({}));
    const cause = new Error('broken');
    const fail = (): never => {
      throw cause;
    };
    expect(() => codec({ encode: fail }).encode(value, context)).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_UNSUPPORTED', cause }),
    );
    await expect(codec({ encode: () => Promise.reject(cause) }).encode(value, context)).rejects.toMatchObject({
      code: 'PAYLOAD_UNSUPPORTED',
      cause,
    });
    expect(() => codec({ decode: fail }).decode(bytes, context)).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_REFUSED', cause }),
    );
    await expect(codec({ decode: () => Promise.reject(cause) }).decode(bytes, context)).rejects.toMatchObject({
      code: 'PAYLOAD_REFUSED',
      cause,
    });
    const inflating = codec({ decode: () => new Uint8Array(2_000_000) });
    expect(() => inflating.decode(bytes, context)).toThrow(refusal(/undoing mine gave 2000000 bytes/));
  });

  test('bytes over the limit reach no step', () => {
    const step: Transform = { name: 'never', encode: () => null, decode: () => expect.unreachable() };
    const bytes = Buffer.concat([Buffer.from('X\u0001\u0005never'), Buffer.alloc(1_100)]);
    const codec = createCodec({ maxBytes: 100, transforms: [step] });
    expect(() => codec.decode(bytes, context)).toThrow(refusal(/1108 bytes, over the limit of \d+/));
  });

  test('names that are bad, twice there or too many are refused', () => {
    const step = (name: string): Transform => ({ name, encode: () => null, decode: (bytes) => bytes });
    for (const names of [['A'], [''], ['a b'], ['x', 'x'], Array.from({ length: 9 }, (_, index) => `s${index}`)]) {
      expect(() => createCodec({ transforms: names.map(step) })).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      );
    }
  });
});
