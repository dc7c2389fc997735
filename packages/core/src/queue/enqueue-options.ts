import type { Duration } from '../duration.ts';
import type { TaskSettings } from '../model/define-task.ts';
import type { ParentPolicy } from '../storage/task-row.ts';

/** What can be said of one enqueue; overrides what the task says of itself. */
export interface EnqueueOptions extends TaskSettings {
  /** Your own id; default a UUIDv7. The same id again is a no-op. */
  readonly id?: string;
  /** Not before: a date, epoch ms or an ISO 8601 text with its zone. Not together with `delay`. */
  readonly runAt?: Date | number | string;
  /** Not before so long from now. */
  readonly delay?: Duration;
  /** At most one live task with this key. */
  readonly unique?: UniqueOptions | string;
  /** Wait for these: handles or ids, each also with its policy. */
  readonly dependsOn?: readonly Dependency[] | Dependency;
  /** When one of `dependsOn` ends other than completed: `cancel` this task as well (default), `run` it all the same, or `hold` it. */
  readonly onParentFailure?: ParentPolicy;
  /** Default: that of the running task that enqueues, else the new task's own id. */
  readonly correlationId?: string;
}

export interface UniqueOptions {
  readonly key: string;
  /** Held so long from the enqueue, whatever becomes of the task; default while the task is live. */
  readonly for?: Duration;
  /** `skip` (default) answers with the holder's handle, `throw` with `DUPLICATE`. */
  readonly onConflict?: 'skip' | 'throw';
}

export type Dependency = string | { readonly id: string; readonly policy?: ParentPolicy };

/** What every task gets that says nothing else. */
export type TaskDefaults = Pick<TaskSettings, 'queue' | 'retry' | 'timeout' | 'ttl' | 'resultTtl'>;
