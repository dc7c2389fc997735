import { createHash } from 'node:crypto';

/** What tells one encoded payload from another. */
export function digestOfBytes(bytes: Uint8Array | null): string {
  return `bytes:${bytes === null ? 'none' : hash(bytes)}`;
}

/** What tells one value from another, whatever a codec makes of buffers, keys without a value and the order of keys. */
export function digestOfValue(value: unknown): string {
  return `value:${value === undefined ? 'none' : hash(canonical(value, []))}`;
}

function hash(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 22);
}

function canonical(value: unknown, above: readonly object[]): string {
  if (typeof value !== 'object' || value === null) return primitive(value);
  if (above.includes(value)) return `up ${above.length - above.indexOf(value)}`;
  const within = [...above, value];
  const list = (values: Iterable<unknown>): string => Array.from(values, (each) => canonical(each, within)).join();
  if (value instanceof Date) return `date ${value.getTime()}`;
  if (value instanceof RegExp) return `regexp ${String(value)}`;
  if (ArrayBuffer.isView(value))
    return `bytes ${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}`;
  if (Array.isArray(value)) return `[${list(value)}]`;
  if (value instanceof Map) return `map{${list(value)}}`;
  if (value instanceof Set) return `set{${list(value)}}`;
  if (value instanceof Error) return `error ${value.name} ${value.message}`;
  const fields = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${fields
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => `${JSON.stringify(key)}:${canonical(each, within)}`)
    .join()}}`;
}

function primitive(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Object.is(value, -0)) return '0';
  return `${typeof value} ${String(value)}`;
}
