import { OmniQError } from '@omniq/core/storage';

/** Where a namespace lives and how it is reached. */
export interface Location {
  readonly namespace: string;
  /** How long an answer is waited for, and a connection. */
  readonly timeoutMs: number;
  /** The first is the one of the URL; more than one only in a Cluster. */
  readonly nodes: readonly Node[];
  readonly isCluster: boolean;
  readonly db: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
}

export interface Node {
  readonly host: string;
  readonly port: number;
}

export interface RedisSettings {
  /** Keeps what belongs together apart from others on the same server. Default `omniq`. */
  readonly namespace?: string;
  /** `true`: the server of the URL is a node of a Cluster; or more of its nodes, as `'host:port,host:port'`. Default `false`. */
  readonly cluster?: boolean | string;
  /** How long an answer of the server, or a connection, is waited for: a span as `'10s'`, or ms. Default 10 s. */
  readonly timeout?: string | number;
}

/**
 * Reads `redis://user:password@host:6379/0?namespace=jobs`, or `rediss:` for TLS. Options given win over those in the
 * query.
 * @throws OmniQError `INVALID_OPTION`
 */
export function locate(url: string, given: Readonly<Record<string, unknown>> = {}): Location {
  const parsed = parse(url);
  const options = new Map<string, unknown>([...parsed.searchParams, ...Object.entries(given)]);
  const { namespace, timeoutMs, cluster } = readSettings(options);
  const first = { host: hostOf(parsed), port: parsed.port === '' ? 6_379 : Number(parsed.port) };
  return {
    namespace,
    timeoutMs,
    nodes: [first, ...(typeof cluster === 'string' ? readNodes(cluster) : [])],
    isCluster: cluster !== false,
    db: readDb(parsed.pathname, cluster !== false),
    username: parsed.username === '' ? undefined : decoded(parsed.username),
    password: parsed.password === '' ? undefined : decoded(parsed.password),
    tls: parsed.protocol === 'rediss:',
  };
}

/** What does not depend on an address. */
export function readSettings(options: ReadonlyMap<string, unknown>): {
  namespace: string;
  timeoutMs: number;
  cluster: boolean | string;
} {
  let settings = { namespace: 'omniq', timeoutMs: 10_000, cluster: false as boolean | string };
  for (const [name, value] of options) {
    if (value !== undefined) settings = { ...settings, ...readOption(name, value) };
  }
  return settings;
}

function readOption(name: string, value: unknown): object {
  if (name === 'namespace') return { namespace: readNamespace(value) };
  if (name === 'timeout') return { timeoutMs: readSpan(name, value) };
  if (name === 'cluster') return { cluster: readCluster(value) };
  throw new OmniQError('INVALID_OPTION', `Redis has no option ${JSON.stringify(name.slice(0, 48))}.`, {
    hint: 'It takes namespace, cluster and timeout.',
    option: name,
  });
}

function parse(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'redis:' || parsed?.protocol === 'rediss:') return parsed;
  // Without the URL: it may hold a password.
  throw new OmniQError('INVALID_OPTION', 'The Redis URL cannot be read.', {
    hint: 'Write redis://host:6379, redis://user:password@host:6379/0 or rediss://host:6380, with % before what is not a letter.',
  });
}

function hostOf({ hostname }: URL): string {
  if (hostname === '') return '127.0.0.1';
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function readDb(path: string, isCluster: boolean): number {
  const [, digits] = /^\/?(\d{1,4})?$/.exec(path) ?? [];
  const db = Number(digits ?? 0);
  if (/^\/?(\d{1,4})?$/.test(path) && (!isCluster || db === 0)) return db;
  throw new OmniQError('INVALID_OPTION', 'The path of a Redis URL is the number of a database, and 0 in a Cluster.', {
    hint: 'Write redis://host:6379/0; what belongs together is told apart by namespace.',
  });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new OmniQError('INVALID_OPTION', 'The user or password in the Redis URL has a broken percent escape.', {
      hint: 'Write % as %25.',
    });
  }
}

function readNamespace(value: unknown): string {
  // Braces make the hash tag, by which a Cluster keeps all keys in one slot.
  if (typeof value === 'string' && /^[^{}\p{Cc}]{1,128}$/u.test(value)) return value;
  throw new OmniQError('INVALID_OPTION', 'The option namespace takes 1 to 128 characters other than { and }.', {
    option: 'namespace',
  });
}

function readCluster(value: unknown): boolean | string {
  if (value === true || value === 'true' || value === '') return true;
  if (value === false || value === 'false') return false;
  if (typeof value === 'string' && readNodes(value).length > 0) return value;
  throw new OmniQError('INVALID_OPTION', 'The option cluster takes true, false, or nodes as host:port,host:port.', {
    option: 'cluster',
  });
}

function readNodes(list: string): Node[] {
  return list.split(',').map((text) => {
    const [, host, port] = /^\s*\[?([^\s[\]@/]{1,255}?)\]?(?::(\d{1,5}))?\s*$/.exec(text) ?? [];
    if (host !== undefined && Number(port ?? 1) <= 65_535) return { host, port: Number(port ?? 6_379) };
    throw new OmniQError('INVALID_OPTION', 'The option cluster takes true, false, or nodes as host:port,host:port.', {
      option: 'cluster',
    });
  });
}

const units = { '': 1, ms: 1, s: 1_000, m: 60_000 } as const;

function readSpan(option: string, value: unknown): number {
  const [, digits, unit] = /^(\d{1,9})(ms|s|m|)$/.exec(String(value)) ?? [];
  const ms = Number(digits) * units[unit as keyof typeof units];
  if (ms >= 1 && ms <= 3_600_000) return ms;
  throw new OmniQError(
    'INVALID_OPTION',
    `The option ${option} takes a span of at most an hour, such as 10s or 500ms.`,
    {
      option,
    },
  );
}
