import { inspect, isDeepStrictEqual } from 'node:util';
import type { Told } from './told.ts';

/** What the two sides say differently, or `undefined`. */
export function mismatch(reference: Told, subject: Told): string | undefined {
  if (isDeepStrictEqual(reference, subject)) return undefined;
  const [expected, got] = narrowed(reference, subject);
  return `  expected  ${print(expected)}\n  got       ${print(got)}`;
}

/** The first thing that two looks show differently, or `undefined`. */
export function mismatchIn(reference: Record<string, Told>, subject: Record<string, Told>): string | undefined {
  for (const [what, expected] of Object.entries(reference)) {
    const found = mismatch(expected, subject[what]);
    if (found !== undefined) return `${what}\n${found}`;
  }
  return undefined;
}

/** Only what differs, and the ids of that. */
function narrowed(a: Told, b: Told): readonly [Told, Told] {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length ? narrowedLists(a, b) : [a.map(brief), b.map(brief)];
  if (!isFields(a) || !isFields(b)) return [a, b];
  const fields = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const kept = fields.filter((field) => field === 'id' || !isDeepStrictEqual(a[field], b[field]));
  const of = (told: Fields): Told =>
    Object.fromEntries(kept.filter((field) => field in told).map((field) => [field, told[field]]));
  return [of(a), of(b)];
}

function narrowedLists(a: readonly Told[], b: readonly Told[]): readonly [Told, Told] {
  const pairs = a.map((each, index) => [each, b[index]] as const).filter(([x, y]) => !isDeepStrictEqual(x, y));
  const shown = pairs.map(([x, y]) => narrowed(x, y));
  return [shown.map(([x]) => x), shown.map(([, y]) => y)];
}

/** Enough of a row to know it by, where the lists have different rows. */
function brief(told: Told): Told {
  return isFields(told) && typeof told['id'] === 'string' && 'queue' in told ? [told['id'], told['lease']] : told;
}

type Fields = { readonly [field: string]: Told };

function isFields(told: Told): told is Fields {
  return typeof told === 'object' && told !== null && !Array.isArray(told);
}

function print(told: Told): string {
  return inspect(told, { depth: 8, breakLength: 160, maxArrayLength: 40 }).replaceAll('\n', '\n            ');
}
