export { systemAmbient, type Ambient, type Clock, type Timers } from './clock.ts';
export { parseDuration, type Duration } from './duration.ts';
export { OmniQError, errorCodes, isOmniQError, type OmniQErrorCode } from './errors.ts';
export type { EventListener } from './events/event-log.ts';
export type { Attempt } from './model/attempt.ts';
export {
  defineContract,
  defineTask,
  implement,
  isTaskDefinition,
  type Handler,
  type TaskDefinition,
  type TaskOptions,
  type TaskSettings,
} from './model/define-task.ts';
export type { EventLevel, EventType, TaskEvent } from './model/event.ts';
export { NonRetryable, RetryAfter, Snooze, type Backoff, type RetryOptions } from './model/retry.ts';
export { isTerminal, taskStates, terminalStates, type TaskState, type TerminalState } from './model/state.ts';
export type { TaskContext } from './model/task-context.ts';
export type { TaskError } from './model/task-error.ts';
export { envelopeCodec, outboxQueue } from './outbox/envelope.ts';
export { Outbox } from './outbox/outbox.ts';
export { relayTask } from './outbox/relay-task.ts';
export { Engine, type EngineOptions } from './queue/engine.ts';
export type { Dependency, EnqueueOptions, TaskDefaults, UniqueOptions } from './queue/enqueue-options.ts';
export type { Enqueued, EnqueueRequest } from './queue/enqueuer.ts';
export type { EventFilter } from './queue/event-query.ts';
export type { QueueAdmin, QueueSummary } from './queue/queue-admin.ts';
export { defaultRetention, Sweeper, type Retention } from './queue/sweeper.ts';
export type { Stores } from './queue/stores.ts';
export type { Page, Task, TaskAdmin, TaskFilter } from './queue/task-admin.ts';
export { silent, type Logger } from './telemetry/logger.ts';
export { currentTask } from './worker/current-task.ts';
export type { Executor, Job, Outcome } from './worker/executor.ts';
export type { ProcessIdentity, ProcessTable } from './worker/process-identity.ts';
export { Worker } from './worker/worker.ts';
export type { WorkerCounts, WorkerOptions } from './worker/worker-options.ts';
