import { parseDuration } from '@omniq/core';
import * as z from 'zod/mini';
import { parseByteSize } from './byte-size.ts';
import { formatSpan } from './format-span.ts';
import { nearestName } from './nearest-name.ts';

/** Where a raw value comes from: in code a bare number is milliseconds, elsewhere seconds; environment is all text. */
export type Medium = 'code' | 'file' | 'env';

/** How values of one kind are read, checked and described. */
export interface Kind<T> {
  /** Checks what `prepare` gives and makes the value; its input is what editors are told. */
  readonly schema: z.ZodMiniType<T>;
  /** Completes "expected ...". */
  readonly expects: string;
  /** Brings what a medium can say into the form that the schema takes. */
  prepare(raw: unknown, medium: Medium): unknown;
  /** What a number of it counts. */
  readonly unit?: 'ms' | 'bytes';
  /** For a wrong value, the right one that was probably meant. */
  nearest?(raw: string): string | undefined;
}

const asGiven = (raw: unknown): unknown => raw;

/** A number may be text: in the environment always, in a file when somebody quotes it. */
function numeric(raw: unknown, medium: Medium): unknown {
  return medium !== 'code' && typeof raw === 'string' && /^\s*-?\d{1,15}(?:\.\d{1,9})?\s*$/u.test(raw)
    ? Number(raw)
    : raw;
}

export function integer(min: number, max: number): Kind<number> {
  return {
    schema: z.int().check(z.gte(min), z.lte(max)),
    expects: `an integer from ${min} to ${max}`,
    prepare: numeric,
  };
}

export function share(): Kind<number> {
  return { schema: z.number().check(z.gte(0), z.lte(1)), expects: 'a number from 0 to 1', prepare: numeric };
}

/** Milliseconds; at least `minMs`. */
export function duration(minMs: number): Kind<number> {
  const schema = z.pipe(
    z.union([z.number(), z.string()]),
    z.transform((value: number | string, context) => {
      const ms = msOf(value);
      if (ms !== undefined && ms >= minMs) return ms;
      context.issues.push({ code: 'custom', message: 'not a duration', input: value });
      return z.NEVER;
    }),
  );
  const least = minMs === 0 ? '' : minMs === 1 ? ', above zero' : `, at least ${formatSpan(minMs)}`;
  return {
    schema,
    unit: 'ms',
    expects: `a duration such as '30s' or '5m'${least}`,
    prepare: (raw, medium) => {
      const number = numeric(raw, medium);
      return medium === 'code' || typeof number !== 'number' ? number : number * 1_000;
    },
  };
}

function msOf(value: number | string): number | undefined {
  try {
    return parseDuration(value, 'duration');
  } catch {
    return undefined;
  }
}

export function bytes(min: number, max: number): Kind<number> {
  const schema = z.pipe(
    z.union([z.number(), z.string()]),
    z.transform((value: number | string, context) => {
      const size = parseByteSize(value);
      if (size !== undefined && size >= min && size <= max) return size;
      context.issues.push({ code: 'custom', message: 'not a size', input: value });
      return z.NEVER;
    }),
  );
  return {
    schema,
    unit: 'bytes',
    expects: `a number of bytes or a size such as '1 MiB' or '100 MB', from ${min} to ${max} bytes`,
    prepare: asGiven,
  };
}

/** Either of two kinds; the first that takes the value wins. */
export function either<A, B>(first: Kind<A>, second: Kind<B>): Kind<A | B> {
  return {
    schema: z.union([first.schema, second.schema]),
    ...(second.unit && { unit: second.unit }),
    expects: `${first.expects}, or ${second.expects}`,
    prepare: (raw, medium) => {
      const prepared = first.prepare(raw, medium);
      return first.schema.safeParse(prepared).success ? prepared : second.prepare(raw, medium);
    },
  };
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['true', true],
  ['yes', true],
  ['on', true],
  ['0', false],
  ['false', false],
  ['no', false],
  ['off', false],
]);

export function boolean(): Kind<boolean> {
  return {
    schema: z.boolean(),
    expects: 'true or false (also 1, yes, on, 0, no, off)',
    prepare: (raw, medium) => {
      if (medium === 'code' || typeof raw === 'boolean') return raw;
      return truths.get(String(raw).trim().toLowerCase()) ?? raw;
    },
  };
}

/** One of several words, whatever their case; `others` are further names for them. */
export function choice<const T extends string>(
  values: readonly T[],
  others: Readonly<Record<string, T>> = {},
): Kind<T> {
  const byName = new Map<string, T>([
    ...Object.entries(others),
    ...values.map((value): [string, T] => [value.toLowerCase(), value]),
  ]);
  return {
    schema: z.enum(values),
    expects: values.length === 1 ? `${values[0]}` : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`,
    prepare: (raw) => (typeof raw === 'string' ? (byName.get(raw.trim().toLowerCase()) ?? raw) : raw),
    nearest: (raw) => nearestName(raw, values),
  };
}

/** Text of 1 to `max` characters that matches. */
export function text(max: number, pattern: RegExp, expects: string): Kind<string> {
  return { schema: z.string().check(z.minLength(1), z.maxLength(max), z.regex(pattern)), expects, prepare: asGiven };
}

/** A list; text is taken apart at commas. */
export function list<T>(item: Kind<T>, expects: string): Kind<readonly T[]> {
  return {
    schema: z.array(item.schema).check(z.minLength(1), z.maxLength(100)),
    expects,
    prepare: (raw, medium) => {
      const items = typeof raw === 'string' ? raw.split(',').map((part) => part.trim()) : raw;
      return Array.isArray(items) ? items.map((part) => item.prepare(part, medium)) : items;
    },
  };
}

/** Values by name; in the environment a JSON object. */
export function table<T>(item: Kind<T>, expects: string): Kind<Readonly<Record<string, T>>> {
  const name = z.string().check(z.regex(/^[\w.:-]{1,64}$/u));
  return {
    schema: z.record(name, item.schema),
    expects,
    prepare: (raw, medium) => {
      const given = medium === 'env' ? parseJson(raw) : raw;
      if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
      // The schema would pass over a __proto__ in silence.
      if (Object.hasOwn(given, '__proto__')) return undefined;
      return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, item.prepare(value, medium)]));
    },
  };
}

/** The value of JSON text, or the text itself where it is none. */
export function parseJson(raw: unknown): unknown {
  if (typeof raw !== 'string') return raw;
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

/** Something that only code can give. */
export function fromCode<T>(is: (value: unknown) => value is T, expects: string): Kind<T> {
  return { schema: z.custom<T>(is), expects, prepare: (raw, medium) => (medium === 'code' ? raw : undefined) };
}
