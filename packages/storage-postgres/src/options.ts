import type pg from 'pg';
import { OmniQError } from '@omniq/core/storage';

/** How a PostgreSQL backend is opened. All have defaults. */
export interface PostgresOptions {
  /** Where the tables live: lower case letters, digits and underscores. Default `omniq`. Made if it is missing. */
  readonly schema?: string;
  /** The most connections of this process, the listening one not counted. Default 8. */
  readonly poolSize?: number;
  /** Whether idle workers are woken by LISTEN and NOTIFY. Default `true`; without it they poll. */
  readonly notify?: boolean;
  /** A direct URL to listen on, where `url` names a pooler in transaction mode. */
  readonly listenUrl?: string;
  /** Whether statements are prepared by name. Default `true`; `false` for poolers that lose track of them. */
  readonly prepare?: boolean;
  /** How long a statement may take, locks included: a span as `'30s'`, or ms. Default 30 s. */
  readonly statementTimeout?: string | number;
  /** How long a transaction waits for a lock: a span, or ms. Default 10 s. */
  readonly lockTimeout?: string | number;
}

/** What {@link PostgresOptions} come to. */
export interface Settings {
  readonly schema: string;
  readonly poolSize: number;
  readonly notify: boolean;
  readonly listenUrl: string | null;
  readonly prepare: boolean;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
}

/** A URL without what is ours, and the settings in it and beside it. */
export interface Location {
  readonly url: string;
  readonly settings: Settings;
}

const defaults: Settings = {
  schema: 'omniq',
  poolSize: 8,
  notify: true,
  listenUrl: null,
  prepare: true,
  statementTimeoutMs: 30_000,
  lockTimeoutMs: 10_000,
};

const readers: Readonly<Record<string, (value: unknown) => Partial<Settings>>> = {
  schema: (value) => ({ schema: readSchema(value) }),
  poolSize: (value) => ({ poolSize: readCount('poolSize', value) }),
  notify: (value) => ({ notify: readFlag('notify', value) }),
  listenUrl: (value) => ({ listenUrl: readUrl(value).href }),
  prepare: (value) => ({ prepare: readFlag('prepare', value) }),
  statementTimeout: (value) => ({ statementTimeoutMs: readSpan('statementTimeout', value) }),
  lockTimeout: (value) => ({ lockTimeoutMs: readSpan('lockTimeout', value) }),
};

/**
 * Reads `postgres://user:password@host:5432/database?schema=jobs`. Options given win over those in the query; what is not
 * ours in the query is left to the driver.
 * @throws OmniQError `INVALID_OPTION`
 */
export function locate(given: string, options: Readonly<Record<string, unknown>> = {}): Location {
  const url = readUrl(given);
  const ours = Object.keys(readers).flatMap((name) => {
    const value = url.searchParams.get(name);
    url.searchParams.delete(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { url: url.href, settings: readSettings({ ...Object.fromEntries(ours), ...defined(options) }) };
}

/** @throws OmniQError `INVALID_OPTION` */
export function readSettings(options: Readonly<Record<string, unknown>>): Settings {
  let settings = defaults;
  for (const [name, value] of Object.entries(defined(options))) {
    if (!Object.hasOwn(readers, name)) {
      throw new OmniQError('INVALID_OPTION', `PostgreSQL has no option ${JSON.stringify(name.slice(0, 48))}.`, {
        hint: `It takes ${Object.keys(readers).join(', ')}.`,
        option: name,
      });
    }
    settings = { ...settings, ...readers[name]?.(value) };
  }
  return settings;
}

/** Host, port and database, for messages. */
export function serverName({ host, port, database }: pg.ClientConfig): string {
  return `${host ?? 'localhost'}:${port ?? 5432}${database === undefined ? '' : `/${database}`}`;
}

function defined(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function readUrl(value: unknown): URL {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  if (url !== null && /^postgres(ql)?:$/.test(url.protocol)) return url;
  throw new OmniQError('INVALID_OPTION', 'This is no URL of a PostgreSQL server.', {
    hint: 'Write postgres://user:password@host:5432/database.',
  });
}

function readSchema(value: unknown): string {
  // So that it needs no quoting anywhere, and names made of it still fit.
  if (typeof value === 'string' && /^[a-z_][a-z0-9_]{0,39}$/.test(value) && !value.startsWith('pg_')) return value;
  throw wrong('schema', 'lower case letters, digits and underscores, at most 40');
}

function readCount(option: string, value: unknown): number {
  const count = typeof value === 'string' && /^\d{1,4}$/.test(value) ? Number(value) : value;
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= 1_000) return count;
  throw wrong(option, 'a number from 1 to 1000');
}

function readFlag(option: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  throw wrong(option, 'true or false');
}

const units = { '': 1, ms: 1, s: 1_000, m: 60_000 } as const;

function readSpan(option: string, value: unknown): number {
  const [, digits, unit] = /^(\d{1,9})(ms|s|m|)$/.exec(String(value)) ?? [];
  const ms = Number(digits) * units[unit as keyof typeof units];
  if (ms >= 1 && ms <= 3_600_000) return ms;
  throw wrong(option, 'a span of at most an hour, such as 30s or 500ms');
}

function wrong(option: string, takes: string): OmniQError {
  return new OmniQError('INVALID_OPTION', `The option ${option} takes ${takes}.`, { option });
}
