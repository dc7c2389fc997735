import { resolve } from 'node:path';
import { OmniQError } from '@omniq/core/storage';

/** Where a database lives and how it is opened. */
export interface Location {
  /** An absolute path, or `:memory:`. */
  readonly file: string;
  readonly synchronous: 'full' | 'normal';
  readonly busyTimeoutMs: number;
}

export interface SqliteOptions {
  /** `full` (default): an acknowledged write survives the loss of power. `normal`: it survives a crash of the process. */
  readonly synchronous?: 'full' | 'normal';
  /** How long a call waits for another process's write: a span as `'5s'`, or ms. Default 5 s. */
  readonly busyTimeout?: string | number;
}

/**
 * Reads `sqlite:./jobs.db`, `sqlite:/var/jobs.db`, `sqlite:///var/jobs.db`, `sqlite::memory:` or a bare path. Options
 * given win over those in the query.
 * @throws OmniQError `INVALID_OPTION`
 */
export function locate(url: string, given: Readonly<Record<string, unknown>> = {}): Location {
  const [address, query] = splitOnce(url, url.startsWith('sqlite:') ? '?' : null);
  const options = new Map<string, unknown>([...new URLSearchParams(query), ...Object.entries(given)]);
  const location = { synchronous: 'full', busyTimeoutMs: 5_000, file: fileOf(address) } as const;
  return [...options].reduce<Location>(
    (read, [name, value]) => (value === undefined ? read : { ...read, ...readOption(name, value) }),
    location,
  );
}

function splitOnce(text: string, at: string | null): [string, string] {
  const index = at === null ? -1 : text.indexOf(at);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

function fileOf(address: string): string {
  const path = address.startsWith('sqlite:') ? decoded(address.slice('sqlite:'.length).replace(/^\/\//, '')) : address;
  if (path === ':memory:') return path;
  if (path === '' || path.includes('\0')) {
    throw new OmniQError('INVALID_OPTION', 'The SQLite URL names no file.', {
      hint: 'Write sqlite:./jobs.db, sqlite:/var/lib/jobs.db or sqlite::memory:.',
    });
  }
  // Absolute from here on: SQLite would read a name that starts with `file:` as parameters.
  return resolve(path);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new OmniQError('INVALID_OPTION', 'The SQLite URL has a broken percent escape.', {
      hint: 'Write % as %25.',
      cause,
    });
  }
}

function readOption(name: string, value: unknown): Partial<Location> {
  if (name === 'synchronous') {
    if (value === 'full' || value === 'normal') return { synchronous: value };
    throw new OmniQError('INVALID_OPTION', 'The option synchronous takes full or normal.', { option: name });
  }
  if (name === 'busyTimeout') return { busyTimeoutMs: readSpan(name, value) };
  throw new OmniQError('INVALID_OPTION', `SQLite has no option ${JSON.stringify(name.slice(0, 48))}.`, {
    hint: 'It takes synchronous and busyTimeout.',
    option: name,
  });
}

const units = { '': 1, ms: 1, s: 1_000, m: 60_000 } as const;

function readSpan(option: string, value: unknown): number {
  const [, digits, unit] = /^(\d{1,9})(ms|s|m|)$/.exec(String(value)) ?? [];
  const ms = Number(digits) * units[unit as keyof typeof units];
  if (ms <= 3_600_000) return ms;
  throw new OmniQError('INVALID_OPTION', `The option ${option} takes a span of at most an hour, such as 5s or 500ms.`, {
    option,
  });
}
