import type { EventStore } from '../storage/event-store.ts';
import type { ResultStore } from '../storage/result-store.ts';
import type { ScheduleStore } from '../storage/schedule-store.ts';
import type { TaskStore } from '../storage/task-store.ts';

/** The stores that one queue works on; each may be another system. */
export interface Stores {
  readonly tasks: TaskStore;
  readonly results: ResultStore;
  /** `null`: events are only heard in this process. */
  readonly events: EventStore | null;
  readonly schedules: ScheduleStore | null;
  /** `results` is the part of the task store that commits with its changes. */
  readonly colocatedResults: boolean;
}
