import type { Duration, EventLevel, Logger, RetryOptions } from '@omniq/core';
import type { Transform } from '@omniq/core/codec';
import type { Backend, BackendPlugin } from '@omniq/core/storage';

/** A number of bytes, or a size such as `'100 MB'` (10^6) or `'1 MiB'` (2^20). */
export type ByteSize = number | string;

/** A backend to open: by URL with the options of that backend, by type alone where it has a place by default, or by plugin. */
export interface NamedStore {
  /** `sqlite:./jobs.db`, `postgres://user@host/db`, `redis://host` ... */
  readonly url?: string;
  /** `memory`, `file`, `sqlite`, `postgres`, `redis`, `nats`, `s3`, `azure`, `gcs`; must agree with the URL. */
  readonly type?: string;
  /** The folder of `file` and `sqlite`; default `./omniq_data`. */
  readonly baseDir?: string;
  /** Opens the URL, whatever its scheme. Only from code. */
  readonly plugin?: BackendPlugin;
  /** What the backend's README lists. */
  readonly [option: string]: unknown;
}

/** Where something is kept: a URL, a URL with options, or, from code, a plugin or a backend that is open already. */
export type StoreConfig = string | NamedStore | BackendPlugin | Backend;

export type WorkerKind = 'async' | 'thread' | 'process' | 'fiber';

export interface WorkerConfig {
  /** Where handlers run that do not say; default `async`. */
  readonly kind?: WorkerKind;
  /** Runs at once; default 10. */
  readonly concurrency?: number;
  /** Threads of the thread worker; default the number of cores. */
  readonly threads?: number;
  /** Children of the process worker; default the number of cores. */
  readonly processes?: number;
  /** Fibers of the fiber worker; default `concurrency`. */
  readonly fibers?: number;
  /** Strictly in this order; default `['default']`. */
  readonly queues?: readonly string[] | string;
  /** How long a worker may be silent before its tasks are given to others; default 30 s. */
  readonly lease?: Duration;
  /** How often an idle worker looks though nothing woke it; default 2 s. */
  readonly poll?: Duration;
  /** How long `stop` waits for runs to end; default 30 s. */
  readonly shutdownTimeout?: Duration;
  /** The most tasks claimed beyond the free slots while handlers are fast; default 500. */
  readonly prefetch?: number;
}

/** What every task gets that says nothing else. */
export interface TaskDefaultsConfig {
  readonly queue?: string;
  readonly timeout?: Duration;
  readonly ttl?: Duration;
  readonly resultTtl?: Duration;
  readonly retry?: RetryOptions;
}

export interface RetentionConfig {
  /** Completed, cancelled and expired tasks; default 1 day. */
  readonly ended?: Duration;
  /** Failed tasks; default 30 days. */
  readonly failed?: Duration;
  /** Events; default 7 days. */
  readonly events?: Duration;
}

export interface LimitsConfig {
  /** Bytes of one encoded payload; default 1 MiB. */
  readonly payload?: ByteSize;
  /** Values in one payload; default 200,000. */
  readonly payloadNodes?: number;
  /** How deep one payload nests; default 256. */
  readonly payloadDepth?: number;
}

/** A key by its id; the secret is at least 32 random bytes, as they are or in base64. */
export interface SecretKey {
  readonly id: string;
  readonly secret: string | Uint8Array;
}

export interface CodecConfig {
  /** The first signs, all are accepted. */
  readonly signingKeys?: readonly SecretKey[];
  /** The first encrypts, all decrypt; exactly 32 bytes each. */
  readonly encryptionKeys?: readonly SecretKey[];
  /** Further steps between a value and its bytes, in the order applied: `compress()`, `offload(...)`, your own. Only from code. */
  readonly transforms?: readonly Transform[];
}

export type LogLevel = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL' | 'DISABLED';

export interface LoggingConfig {
  /** Default `INFO`. */
  readonly level?: LogLevel;
  /** `DEV` (default): lines for people; `PROD`: JSON lines. */
  readonly mode?: 'DEV' | 'PROD';
  /** JSON lines go here; default none: everything goes to stderr. */
  readonly file?: string;
  /** A new file at this size, or `'hourly'` or `'daily'`; default 100 MB. */
  readonly rotation?: ByteSize;
  /** Rotated files older than this are removed; default 30 days. */
  readonly retention?: Duration;
  /** Default false. */
  readonly disabled?: boolean;
  /** Levels of components, by name. */
  readonly components?: Readonly<Record<string, LogLevel>>;
}

export interface DashboardConfig {
  readonly enabled?: boolean;
  /** Default 8787. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
}

/** The event store together with what is stored there. */
export interface EventsConfig extends NamedStore {
  /** From which level on events are stored; default `WARNING`. */
  readonly level?: EventLevel;
  /** The same as `retention.events`. */
  readonly retention?: Duration;
}

/**
 * Everything that can be configured, from code. Files and dictionaries have the same shape; there a bare number given for
 * a duration is seconds in a file, and milliseconds in code.
 */
export interface OmniQConfig {
  /** Where everything is kept that is not named one by one; default in memory. */
  readonly storage?: StoreConfig;
  readonly tasks?: StoreConfig;
  /** Default as `storage`, else where the tasks are; likewise `events` and `schedules`. */
  readonly results?: StoreConfig;
  readonly events?: StoreConfig | EventsConfig;
  readonly schedules?: StoreConfig;
  /**
   * Where tasks wait that `within` enqueues in transactions of yours, if the task store takes part in none: Postgres or
   * SQLite. Workers carry them on. Default where the tasks are.
   */
  readonly outbox?: StoreConfig;
  /** Backends of third parties: plugin objects, or names of packages that the application has. */
  readonly plugins?: readonly (string | BackendPlugin)[];
  /** Keeps several installations apart in one backend. */
  readonly namespace?: string;
  readonly worker?: WorkerConfig;
  readonly defaults?: TaskDefaultsConfig;
  readonly retention?: RetentionConfig;
  readonly limits?: LimitsConfig;
  readonly codec?: CodecConfig;
  readonly logging?: LoggingConfig;
  /** A pino-like logger of yours in place of `logging`. Only from code. */
  readonly logger?: Logger;
  readonly dashboard?: DashboardConfig;
  /** Laid over the rest where `OMNIQ_ENV`, else `NODE_ENV`, has this name. */
  readonly environments?: Readonly<Record<string, Omit<OmniQConfig, 'environments'>>>;
}
