import type { Logger } from '@omniq/core';
import type { Transform } from '@omniq/core/codec';
import {
  boolean,
  bytes,
  choice,
  duration,
  either,
  fromCode,
  integer,
  list,
  share,
  table,
  text,
  type Kind,
} from './kinds.ts';
import { pluginList } from './plugin-list.ts';
import { secretKeys } from './secret-keys.ts';
import type { Settings, RetrySettings, TaskDefaultSettings } from './settings.ts';

/** One thing that can be set. */
export interface Setting<T = unknown> {
  /** One sentence, for editors and the manual. */
  readonly about: string;
  readonly kind: Kind<T>;
  /** Holds where nobody says anything. */
  readonly default?: T;
  /** What holds where nobody says anything and that is decided elsewhere; for people. */
  readonly implied?: string;
  /** Environment variables; the first is today's name, the others older ones. */
  readonly env?: readonly string[];
  /** Further keys in files and code. */
  readonly alias?: readonly string[];
  readonly secret?: true;
  readonly codeOnly?: true;
}

type Sections = 'worker' | 'retention' | 'limits' | 'codec' | 'logging' | 'dashboard';
type Given<T> = { [K in keyof T]-?: Exclude<T[K], undefined> };
type Dotted<P extends string, T> = { [K in keyof T & string as `${P}.${K}`]: Setting<Given<T>[K]> };

/** By dotted key: one row for each leaf of {@link Settings}, so that none is forgotten. */
export type SettingTable = {
  [K in Exclude<keyof Settings, Sections | 'stores' | 'defaults' | 'events'>]-?: Setting<Given<Settings>[K]>;
} & Dotted<'worker', Settings['worker']> &
  Dotted<'defaults', Omit<TaskDefaultSettings, 'retry'>> &
  Dotted<'defaults.retry', RetrySettings & { readonly maxRetries?: number }> &
  Dotted<'retention', Settings['retention']> &
  Dotted<'limits', Settings['limits']> &
  Dotted<'codec', Settings['codec']> &
  Dotted<'events', Settings['events']> &
  Dotted<'logging', Settings['logging']> &
  Dotted<'dashboard', Settings['dashboard']>;

const MINUTE = 60_000;
const DAY = 86_400_000;
// No control characters, in which names would garble logs and terminals.
// oxlint-disable-next-line no-control-regex
const printable = /^[^\u0000-\u001f\u007f-\u009f]+$/u;
const name = text(128, printable, 'a name of 1 to 128 characters');
const backoffs = ['exponential', 'linear', 'fixed'] as const;
const logLevels = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL', 'DISABLED'] as const;
const logLevel = choice(logLevels, { warn: 'WARNING', fatal: 'CRITICAL', off: 'DISABLED', silent: 'DISABLED' });
type Backoff = Exclude<RetrySettings['backoff'], undefined>;

function isLogger(value: unknown): value is Logger {
  if (typeof value !== 'object' || value === null) return false;
  const verbs = ['debug', 'info', 'warn', 'error', 'child'] as const;
  return verbs.every((verb) => typeof (value as Partial<Logger>)[verb] === 'function');
}

function isFunction(value: unknown): value is Extract<Backoff, (...args: never) => unknown> {
  return typeof value === 'function';
}

export const settingTable: SettingTable = {
  plugins: {
    about: 'Backends of third parties, by the name of their package or file.',
    kind: pluginList(),
    default: [],
    env: ['OMNIQ_PLUGINS'],
  },
  namespace: {
    about: 'Keeps several installations apart in one backend.',
    kind: text(64, /^[\w.-]+$/u, 'a name of 1 to 64 letters, digits, dots, dashes and underscores'),
    implied: 'that of the backend',
    env: ['OMNIQ_NAMESPACE'],
  },
  'worker.kind': {
    about: 'Where handlers run that do not say.',
    kind: choice(['async', 'thread', 'process', 'fiber'], { gevent: 'fiber', fibre: 'fiber' }),
    default: 'async',
    env: ['OMNIQ_DEFAULT_WORKER'],
    alias: ['worker.type', 'workerType', 'defaultWorker'],
  },
  'worker.concurrency': {
    about: 'Runs at once.',
    kind: integer(1, 100_000),
    default: 10,
    env: ['OMNIQ_MAX_WORKERS'],
    alias: ['worker.maxWorkers', 'maxWorkers'],
  },
  'worker.threads': {
    about: 'Threads of the thread worker.',
    kind: integer(1, 1_024),
    implied: 'the number of cores',
    env: ['OMNIQ_THREAD_WORKERS'],
    alias: ['worker.threadWorkers', 'threadWorkers'],
  },
  'worker.processes': {
    about: 'Children of the process worker.',
    kind: integer(1, 1_024),
    implied: 'the number of cores',
    env: ['OMNIQ_PROCESS_WORKERS'],
    alias: ['worker.processWorkers', 'processWorkers'],
  },
  'worker.fibers': {
    about: 'Fibers of the fiber worker.',
    kind: integer(1, 1_000_000),
    implied: 'worker.concurrency',
    env: ['OMNIQ_FIBER_WORKERS', 'OMNIQ_GEVENT_WORKERS'],
    alias: ['worker.geventWorkers', 'geventWorkers'],
  },
  'worker.queues': {
    about: 'The queues to work on, strictly in this order.',
    kind: list(name, 'a list of queue names'),
    default: ['default'],
    env: ['OMNIQ_QUEUES'],
  },
  'worker.lease': {
    about: 'How long a worker may be silent before its tasks are given to others.',
    kind: duration(1_000),
    default: 30_000,
    env: ['OMNIQ_LEASE'],
  },
  'worker.poll': {
    about: 'How often an idle worker looks though nothing woke it.',
    kind: duration(10),
    default: 2_000,
    env: ['OMNIQ_POLL_INTERVAL'],
    alias: ['worker.pollInterval'],
  },
  'worker.shutdownTimeout': {
    about: 'How long stopping waits for runs to end; they are then aborted and handed back.',
    kind: duration(0),
    default: 30_000,
    env: ['OMNIQ_SHUTDOWN_TIMEOUT'],
  },
  'worker.prefetch': {
    about: 'The most tasks claimed beyond the free slots while handlers are fast.',
    kind: integer(0, 100_000),
    default: 500,
    env: ['OMNIQ_PREFETCH'],
  },
  'defaults.queue': {
    about: 'The queue of tasks that name none.',
    kind: name,
    implied: 'default',
    env: ['OMNIQ_DEFAULT_QUEUE'],
  },
  'defaults.timeout': {
    about: 'How long one run may take.',
    kind: duration(1),
    implied: 'none',
    env: ['OMNIQ_TASK_TIMEOUT'],
    alias: ['defaultTimeout', 'taskTimeout'],
  },
  'defaults.ttl': {
    about: 'A task that has not started so long after its enqueue expires.',
    kind: duration(1),
    implied: 'none',
    env: ['OMNIQ_TASK_TTL'],
    alias: ['taskTtl'],
  },
  'defaults.resultTtl': {
    about: 'How long a result is kept after the end.',
    kind: duration(1),
    implied: 'as long as the task',
    env: ['OMNIQ_RESULT_TTL'],
    alias: ['resultTtl'],
  },
  'defaults.retry.maxAttempts': {
    about: 'Executions in all. Not together with maxRetries.',
    kind: integer(1, 10_000),
    implied: '4',
    env: ['OMNIQ_MAX_ATTEMPTS'],
    alias: ['defaults.maxAttempts', 'maxAttempts'],
  },
  'defaults.retry.maxRetries': {
    about: 'Executions after the first; one less than maxAttempts.',
    kind: integer(0, 9_999),
    implied: '3',
    env: ['OMNIQ_RETRY_ATTEMPTS'],
    alias: ['defaults.maxRetries', 'maxRetries', 'retryAttempts'],
  },
  'defaults.retry.delay': {
    about: 'How long to wait before the first retry.',
    kind: duration(0),
    implied: '1s',
    env: ['OMNIQ_RETRY_DELAY'],
    alias: ['defaults.retryDelay', 'retryDelay'],
  },
  'defaults.retry.maxDelay': {
    about: 'The longest wait before a retry.',
    kind: duration(0),
    implied: '60s',
    env: ['OMNIQ_RETRY_MAX_DELAY'],
  },
  'defaults.retry.backoff': {
    about: 'How the wait grows from retry to retry; a function only from code.',
    kind: eitherWordOrFunction(),
    implied: 'exponential',
    env: ['OMNIQ_RETRY_BACKOFF'],
  },
  'defaults.retry.jitter': {
    about: 'By which share a wait is spread either way.',
    kind: share(),
    implied: '0.25',
    env: ['OMNIQ_RETRY_JITTER'],
  },
  'retention.ended': {
    about: 'How long completed, cancelled and expired tasks are kept.',
    kind: duration(MINUTE),
    default: DAY,
    env: ['OMNIQ_RETENTION_ENDED'],
  },
  'retention.failed': {
    about: 'How long failed tasks, the dead letters, are kept.',
    kind: duration(MINUTE),
    default: 30 * DAY,
    env: ['OMNIQ_RETENTION_FAILED'],
  },
  'retention.events': {
    about: 'How long events are kept.',
    kind: duration(MINUTE),
    default: 7 * DAY,
    env: ['OMNIQ_EVENT_RETENTION'],
    alias: ['events.retention'],
  },
  'limits.payload': {
    about: 'The size of one encoded payload.',
    kind: bytes(1_024, 1_073_741_824),
    default: 1_048_576,
    env: ['OMNIQ_MAX_PAYLOAD'],
  },
  'limits.payloadNodes': {
    about: 'Values in one payload, each object, array and scalar counted.',
    kind: integer(1, 100_000_000),
    default: 200_000,
    env: ['OMNIQ_MAX_PAYLOAD_NODES'],
  },
  'limits.payloadDepth': {
    about: 'How deep arrays and objects nest in one payload.',
    kind: integer(1, 1_000),
    default: 256,
    env: ['OMNIQ_MAX_PAYLOAD_DEPTH'],
  },
  'codec.signingKeys': {
    about: 'Keys that payloads are signed with: the first signs, all are accepted.',
    kind: secretKeys(32, 1_024),
    implied: 'payloads are not signed',
    env: ['OMNIQ_SIGNING_KEYS'],
    alias: ['codec.keys'],
    secret: true,
  },
  'codec.transforms': {
    about: 'Further steps between a value and its bytes, such as compress() and offload(); encryption comes last.',
    kind: fromCode(isTransforms, 'a list of transforms, given from code'),
    codeOnly: true,
  },
  'codec.encryptionKeys': {
    about: 'Keys that payloads are encrypted with: the first encrypts, all decrypt.',
    kind: secretKeys(32, 32),
    implied: 'payloads are not encrypted',
    env: ['OMNIQ_ENCRYPTION_KEYS'],
    secret: true,
  },
  'events.level': {
    about: 'From which level on events are stored.',
    kind: choice(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'DISABLED'], { warn: 'WARNING', off: 'DISABLED' }),
    default: 'WARNING',
    env: ['OMNIQ_EVENT_LEVEL'],
  },
  'logging.level': {
    about: 'From which level on lines are logged.',
    kind: logLevel,
    default: 'INFO',
    env: ['OMNIQ_LOG_LEVEL'],
  },
  'logging.mode': {
    about: 'DEV writes lines for people, PROD lines of JSON.',
    kind: choice(['DEV', 'PROD'], { development: 'DEV', production: 'PROD' }),
    default: 'DEV',
    env: ['OMNIQ_LOG_MODE'],
  },
  'logging.file': {
    about: 'The file that JSON lines go to.',
    kind: text(4_096, printable, 'a path'),
    implied: 'none: lines go to stderr',
    env: ['OMNIQ_LOG_FILE'],
  },
  'logging.rotation': {
    about: 'When a new log file is begun: a size, hourly or daily.',
    kind: either(choice(['hourly', 'daily']), bytes(1_024, 1_099_511_627_776)),
    default: 100_000_000,
    env: ['OMNIQ_LOG_ROTATION'],
  },
  'logging.retention': {
    about: 'How old a rotated log file may get before it is removed.',
    kind: duration(MINUTE),
    default: 30 * DAY,
    env: ['OMNIQ_LOG_RETENTION'],
  },
  'logging.disabled': {
    about: 'Says nothing at all, whatever the levels.',
    kind: boolean(),
    default: false,
    env: ['OMNIQ_DISABLE_LOGGING'],
  },
  'logging.components': {
    about: 'Levels of components, by name; a name also covers what is below it (worker covers worker.thread).',
    kind: table(
      logLevel,
      `levels by component, such as { worker: DEBUG } (in the environment JSON: {"worker":"DEBUG"})`,
    ),
    default: {},
    env: ['OMNIQ_COMPONENT_LOG_LEVELS'],
  },
  logger: {
    about: 'A pino-like logger in place of logging.',
    kind: fromCode(isLogger, 'a logger with debug, info, warn, error and child, given from code'),
    codeOnly: true,
  },
  'dashboard.enabled': {
    about: 'Whether the dashboard is served.',
    kind: boolean(),
    default: false,
    env: ['OMNIQ_DASHBOARD_ENABLED'],
  },
  'dashboard.port': {
    about: 'The port of the dashboard.',
    kind: integer(0, 65_535),
    default: 8_787,
    env: ['OMNIQ_DASHBOARD_PORT'],
  },
  'dashboard.host': {
    about: 'The address that the dashboard listens on.',
    kind: text(255, /^[\w.:%-]+$/u, 'an address or host name'),
    default: '127.0.0.1',
    env: ['OMNIQ_DASHBOARD_HOST'],
  },
};

/** The rows by dotted key, for those who go through all of them. */
export const settings: ReadonlyMap<string, Setting> = new Map(Object.entries(settingTable));

function eitherWordOrFunction(): Kind<Backoff> {
  const word = choice(backoffs);
  const given = fromCode(isFunction, 'a function');
  return {
    ...word,
    schema: either<Backoff, Backoff>(word, given).schema,
    prepare: (raw, medium) => (typeof raw === 'function' ? given.prepare(raw, medium) : word.prepare(raw, medium)),
  };
}

function isTransforms(value: unknown): value is readonly Transform[] {
  return Array.isArray(value) && value.every((step) => typeof step === 'object' && step !== null && 'encode' in step);
}
