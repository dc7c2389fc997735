import * as z from 'zod/mini';
import { parseJson, type Kind } from './kinds.ts';
import type { SecretKey } from './omniq-config.ts';

const base64 = /^[\w+/-]+={0,2}$/u;

const shape = z.object({
  id: z.string().check(z.regex(/^[\w.-]{1,32}$/u)),
  secret: z.union([
    z.string().check(z.regex(base64), z.maxLength(1_024)),
    z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  ]),
});

/** Keys by id, of at least `min` and at most `max` bytes; in the environment `id:secret,id:secret` or a JSON list. */
export function secretKeys(min: number, max: number): Kind<readonly SecretKey[]> {
  const sized = (key: SecretKey): boolean => {
    const length = typeof key.secret === 'string' ? Buffer.from(key.secret, 'base64').length : key.secret.length;
    return length >= min && length <= max;
  };
  const distinct = (keys: readonly SecretKey[]): boolean => new Set(keys.map((key) => key.id)).size === keys.length;
  const size = min === max ? `exactly ${min}` : `at least ${min}`;
  return {
    schema: z.array(shape).check(
      z.minLength(1),
      z.maxLength(32),
      z.refine((keys) => keys.every(sized)),
      z.refine(distinct),
    ),
    expects: `a list of { id, secret } with different ids, each secret ${size} bytes in base64 (in the environment id:secret,id:secret)`,
    prepare: (raw, medium) => (medium === 'env' && typeof raw === 'string' ? fromText(raw) : raw),
  };
}

function fromText(raw: string): unknown {
  if (raw.trimStart().startsWith('[')) return parseJson(raw);
  return raw.split(',').map((pair) => {
    const colon = pair.indexOf(':');
    return { id: pair.slice(0, colon).trim(), secret: pair.slice(colon + 1).trim() };
  });
}
