export {
  currentTask,
  defineContract,
  defineTask,
  implement,
  isOmniQError,
  NonRetryable,
  OmniQError,
  parseDuration,
  RetryAfter,
  silent,
  type Attempt,
  type Dependency,
  type Duration,
  type EnqueueOptions,
  type EventFilter,
  type EventLevel,
  type EventListener,
  type EventType,
  type Executor,
  type Handler,
  type Logger,
  type OmniQErrorCode,
  type Page,
  type QueueSummary,
  type RetryOptions,
  type Task,
  type TaskContext,
  type TaskDefinition,
  type TaskError,
  type TaskEvent,
  type TaskFilter,
  type TaskOptions,
  type TaskSettings,
  type TaskState,
  type UniqueOptions,
  type WorkerCounts,
} from '@omniq/core';
export { compress, encrypt, offload, type Transform } from '@omniq/core/codec';
export { createOmniQ, openOmniQ } from './create-omniq.ts';
export { bindTask, configureLogging, getLogger, taskContext } from './logging/process-logger.ts';
export { maskSecrets } from './config/mask-secrets.ts';
export type { OmniQConfig, StoreConfig } from './config/omniq-config.ts';
export type { ConfigSources, ResolvedConfig } from './config/resolved-config.ts';
export type { ShownSetting } from './config/show-config.ts';
export {
  describeConfig,
  diagnose,
  migrateStores,
  readLog,
  readConfig,
  type Finding,
  type Migrated,
} from './diagnostics/index.ts';
export type { EnqueueArguments, EnqueueEntry, TaskTarget } from './enqueue-entry.ts';
export { OmniQ, type WorkOptions } from './omniq.ts';
export type { QueueWithin } from './queue-within.ts';
export { TaskHandle, type ResultOptions } from './task-handle.ts';
export type { PlainFunction, TaskSources } from './task-sources.ts';
