import type { EventStore } from './event-store.ts';
import type { RecordStore } from './record-store.ts';
import type { ResultStore } from './result-store.ts';
import type { ScheduleStore } from './schedule-store.ts';
import type { TaskStore } from './task-store.ts';

/** The version of the storage contract in this package. */
export const CONTRACT = 1;

/** What an opened backend offers: any of the stores. Stores opened twice may share a connection. */
export interface Backend {
  readonly tasks?: TaskStore;
  readonly results?: ResultStore;
  readonly events?: EventStore;
  readonly schedules?: ScheduleStore;
  readonly records?: RecordStore;
  /** Closes every store and the connection. Twice is a no-op. */
  close(): Promise<void>;
}

/** One option that a backend takes, for configuration files, environment, docs and `--help`. */
export interface BackendOption {
  readonly type: 'string' | 'number' | 'boolean' | 'duration';
  readonly default?: string | number | boolean;
  /** One sentence. */
  readonly about: string;
}

export interface BackendPlugin {
  /** One word, as in `@omniq/storage-<name>`. */
  readonly name: string;
  /** URL schemes without the colon. */
  readonly schemes: readonly string[];
  /** The contract it was written for: {@link CONTRACT}. */
  readonly contract: number;
  readonly options: Readonly<Record<string, BackendOption>>;
  /** Opens lazily: a server that is down shows at the first use, not here. */
  open(url: string, options: Readonly<Record<string, unknown>>): Promise<Backend>;
  /** Brings stored schemas up to date and says what it did; absent where there is nothing to migrate. */
  migrate?(url: string, options: Readonly<Record<string, unknown>>, mode: 'status' | 'up'): Promise<readonly string[]>;
  /**
   * What about the server's own settings endangers tasks (eviction, persistence ...), for the check command. Changes
   * nothing. Absent where no setting matters.
   */
  inspect?(url: string, options: Readonly<Record<string, unknown>>): Promise<readonly BackendFinding[]>;
  /**
   * What a log holds, for people to read: one object for each thing that was asked of it, from after a position, without
   * payloads. Changes nothing. Absent where there is no log.
   */
  readLog?(url: string, options: Readonly<Record<string, unknown>>, after: number): AsyncIterable<LogLine>;
}

/** One line of {@link BackendPlugin.inspect}. */
export interface BackendFinding {
  /** What was looked at, in a word or two: `eviction`, `persistence` ... */
  readonly about: string;
  readonly status: 'ok' | 'warning' | 'failed';
  /** One sentence: what is set, and where it is wrong what to set. Without secrets. */
  readonly detail: string;
}

/** One line of {@link BackendPlugin.readLog}: where it stands, and whatever tells of it. */
export interface LogLine {
  readonly position: number;
  readonly [field: string]: unknown;
}

/** Types the plugin object that a backend package exports as its default. */
export function defineBackend(plugin: BackendPlugin): BackendPlugin {
  return plugin;
}
