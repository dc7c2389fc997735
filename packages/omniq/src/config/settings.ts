import type { EventLevel, Logger, RetryOptions } from '@omniq/core';
import type { Transform } from '@omniq/core/codec';
import type { Backend, BackendPlugin } from '@omniq/core/storage';
import type { LogLevel, SecretKey, WorkerKind } from './omniq-config.ts';

/** A store that is to be opened. */
export interface UrlTarget {
  /** With its scheme. May hold a password: mask it before it is shown. */
  readonly url: string;
  /** Of the backend, as given. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What a bare number means where an option is a duration: milliseconds from code, seconds from a file. */
  readonly bareNumber: 'ms' | 's';
  /** Opens the URL, whatever its scheme. */
  readonly plugin?: BackendPlugin;
}

/** A store as configured: to be opened, or open already and then closed by whoever opened it. */
export type StoreTarget = UrlTarget | { readonly backend: Backend };

export type StoreName = 'tasks' | 'results' | 'events' | 'schedules' | 'outbox';

export interface WorkerSettings {
  readonly kind: WorkerKind;
  readonly concurrency: number;
  /** Absent: the number of cores. */
  readonly threads?: number;
  readonly processes?: number;
  /** Absent: `concurrency`. */
  readonly fibers?: number;
  readonly queues: readonly string[];
  readonly lease: number;
  readonly poll: number;
  readonly shutdownTimeout: number;
  readonly prefetch: number;
}

export type RetrySettings = Pick<RetryOptions, 'maxAttempts' | 'backoff' | 'jitter'> & {
  readonly delay?: number;
  readonly maxDelay?: number;
};

/** Only what is configured: an absent field has the default of the core, which costs nothing to store. */
export interface TaskDefaultSettings {
  readonly queue?: string;
  readonly timeout?: number;
  readonly ttl?: number;
  readonly resultTtl?: number;
  readonly retry?: RetrySettings;
}

export interface RetentionSettings {
  readonly ended: number;
  readonly failed: number;
  readonly events: number;
}

export interface LimitSettings {
  readonly payload: number;
  readonly payloadNodes: number;
  readonly payloadDepth: number;
}

export interface CodecSettings {
  readonly signingKeys?: readonly SecretKey[];
  readonly encryptionKeys?: readonly SecretKey[];
  readonly transforms?: readonly Transform[];
}

export interface LoggingSettings {
  readonly level: LogLevel;
  readonly mode: 'DEV' | 'PROD';
  readonly file?: string;
  /** Bytes, or how often. */
  readonly rotation: number | 'hourly' | 'daily';
  readonly retention: number;
  readonly disabled: boolean;
  readonly components: Readonly<Record<string, LogLevel>>;
}

export interface DashboardSettings {
  readonly enabled: boolean;
  readonly port: number;
  readonly host: string;
}

/** Everything resolved and checked. Durations are milliseconds, sizes bytes. */
export interface Settings {
  readonly stores: Readonly<Record<StoreName, StoreTarget>>;
  readonly plugins: readonly (string | BackendPlugin)[];
  readonly namespace?: string;
  readonly worker: WorkerSettings;
  readonly defaults: TaskDefaultSettings;
  readonly retention: RetentionSettings;
  readonly limits: LimitSettings;
  readonly codec: CodecSettings;
  readonly events: { readonly level: EventLevel };
  readonly logging: LoggingSettings;
  readonly logger?: Logger;
  readonly dashboard: DashboardSettings;
}
