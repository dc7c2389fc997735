import { isDeepStrictEqual } from 'node:util';

/** Part of a value: of each object some keys, at any depth. Test runners' own matchers fit anywhere. */
export type Part<T> = T extends readonly (infer Item)[]
  ? readonly Part<Item>[]
  : T extends Date | Uint8Array | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>
    ? T
    : T extends object
      ? { readonly [Key in keyof T]?: Part<T[Key]> }
      : T;

/**
 * Whether `actual` has all that `part` has: plain objects may have more keys, arrays have as many items; all else is
 * equal. What has an `asymmetricMatch` function, as `expect.any(String)` has, decides itself.
 */
export function matches(actual: unknown, part: unknown): boolean {
  if (isMatcher(part)) return part.asymmetricMatch(actual);
  if (Array.isArray(part)) {
    return (
      Array.isArray(actual) &&
      actual.length === part.length &&
      part.every((item, index) => matches(actual[index], item))
    );
  }
  if (!isPlain(part)) return isDeepStrictEqual(actual, part);
  return isPlain(actual) && Object.keys(part).every((key) => matches(own(actual, key), part[key]));
}

/** What of `actual` the part speaks of, so that a diff shows nothing else. */
export function partOf(actual: unknown, part: unknown): unknown {
  if (isMatcher(part)) return part.asymmetricMatch(actual) ? part : actual;
  if (Array.isArray(part) && Array.isArray(actual))
    return actual.map((item, index) => (index < part.length ? partOf(item, part[index]) : (item as unknown)));
  if (!isPlain(part) || !isPlain(actual)) return actual;
  const shared = Object.keys(part).filter((key) => Object.hasOwn(actual, key));
  return Object.fromEntries(shared.map((key) => [key, partOf(actual[key], part[key])]));
}

function own(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isMatcher(value: unknown): value is { asymmetricMatch(actual: unknown): boolean } {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'asymmetricMatch') === 'function';
}
