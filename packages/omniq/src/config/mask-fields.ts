import { MASK, maskSecrets } from './mask-secrets.ts';

/** Names of fields whose values are never shown, whatever else is in the name: `dbPassword`, `x-api-key`, `Set-Cookie`. */
const secretField =
  /pass(?:word|wd|phrase)|secret|token|authorization|cookie|api[-_]?key|credential|private[-_]?key|access[-_]?key/iu;

const MAX_DEPTH = 8;
const MAX_VALUES = 2_000;

/** A copy without secrets, in values and in URLs, at any depth. Bounded: a huge object is cut, not copied. */
export function maskFields(fields: object): Record<string, unknown> {
  let values = 0;
  const mask = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return maskText(value);
    if (typeof value !== 'object' || value === null || value instanceof Error) return value;
    if (depth >= MAX_DEPTH || ++values > MAX_VALUES) return '…';
    if (Array.isArray(value)) return value.slice(0, MAX_VALUES).map((item) => mask(item, depth + 1));
    if (value instanceof Uint8Array) return `(${value.length} bytes)`;
    // A date, a URL: what it says of itself.
    if (hasToJson(value)) return mask(value.toJSON(), depth + 1);
    return maskEach(value, depth + 1);
  };
  const maskEach = (object: object, depth: number): Record<string, unknown> => {
    const masked: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(object)) {
      if (++values > MAX_VALUES) break;
      masked[name] = secretField.test(name) && isSecret(name, value) ? MASK : mask(value, depth);
    }
    return masked;
  };
  return maskEach(fields, 0);
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return typeof (value as { toJSON?: unknown }).toJSON === 'function';
}

/** A count of tokens is no token, and a switch tells nothing. */
function isSecret(name: string, value: unknown): boolean {
  if (typeof value === 'number') return !/token/iu.test(name);
  return typeof value !== 'boolean' && value !== null && value !== undefined;
}

/** Text without the passwords of URLs in it. */
export function maskText(text: string): string {
  return text.includes('://') || text.includes('=') ? maskSecrets(text) : text;
}
