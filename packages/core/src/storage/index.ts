export { OmniQError, isOmniQError, type OmniQErrorCode } from '../errors.ts';
export { sleep, systemAmbient, type Ambient } from '../clock.ts';
export {
  CONTRACT,
  defineBackend,
  type Backend,
  type BackendFinding,
  type BackendOption,
  type BackendPlugin,
  type LogLine,
} from './backend.ts';
export type { Capabilities } from './capabilities.ts';
export type { EventPage, EventQuery, EventStore, StoredEvent } from './event-store.ts';
export type { RecordStore, StoredRecord } from './record-store.ts';
export type { ResultKey, ResultStore, StoredResult } from './result-store.ts';
export type { SchedulePage, ScheduleQuery, ScheduleRow, ScheduleStore, StoredSchedule } from './schedule-store.ts';
export type { LogCapabilities, LogEntry, LogSnapshot, SharedLog } from './shared-log.ts';
export type {
  ClaimedTask,
  Mutable,
  NewTask,
  ParentEdge,
  ParentPolicy,
  StoredState,
  TaskRow,
  UniqueKey,
} from './task-row.ts';
export type {
  Awaited,
  BeatReply,
  Change,
  ChangeOutcome,
  ClaimRequest,
  Edge,
  EdgePage,
  EdgeQuery,
  Guard,
  HistoryRecord,
  InsertOutcome,
  NewSession,
  QueueRow,
  QueueSettings,
  RateLimit,
  SessionRow,
  SwapOutcome,
  TaskCount,
  TaskPage,
  TaskQuery,
  TaskStore,
  TransactionStore,
} from './task-store.ts';
export { layered, layeredBackend, type LayerOptions, type Observe, type StoreCall } from './layers/index.ts';
