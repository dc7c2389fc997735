import { cleanText } from './clean-text.ts';

/**
 * JSON of anything a task can carry, safe in a terminal. Where JSON has no word: bigints are digits in a string, dates ISO
 * 8601, bytes base64, maps lists of pairs, sets lists, and a value inside itself is `"[cycle]"`.
 */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(plain(value, []), null, indent) ?? 'null';
  // What JSON leaves as it is and a terminal obeys. Line ends are those of the indentation.
  return text.split('\n').map(cleanText).join('\n');
}

function plain(value: unknown, inside: readonly object[]): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (inside.includes(value)) return '[cycle]';
  const deeper = [...inside, value];
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Error) return plain(errorFields(value), deeper);
  if (Array.isArray(value)) return value.map((item) => plain(item, deeper));
  if (value instanceof Map || value instanceof Set)
    return [...(value as Set<unknown>)].map((item) => plain(item, deeper));
  // Without a prototype even a key __proto__ is a key like any other.
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of Object.entries(value)) copy[key] = plain(item, deeper);
  return copy;
}

function errorFields(error: Error): Readonly<Record<string, unknown>> {
  const { name, message, cause } = error;
  const { code } = error as { code?: unknown };
  return { name, message, ...(code === undefined ? {} : { code }), ...(cause === undefined ? {} : { cause }) };
}
