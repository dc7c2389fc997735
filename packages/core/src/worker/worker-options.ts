import type { TaskDefinition } from '../model/define-task.ts';
import type { Retention } from '../queue/sweeper.ts';
import type { Executor } from './executor.ts';
import type { ProcessTable } from './process-identity.ts';

export interface WorkerOptions {
  readonly tasks: Iterable<TaskDefinition<never>>;
  readonly executors: readonly Executor[];
  /** Strictly in this order. */
  readonly queues: readonly string[];
  /** Runs at once. */
  readonly concurrency: number;
  /** How long others wait, hearing nothing, before they take this worker for gone, ms. */
  readonly leaseMs: number;
  /** How often an idle worker looks though nothing woke it, ms. */
  readonly pollMs: number;
  /** The most tasks claimed beyond the free slots. */
  readonly prefetch: number;
  /** How long `stop` waits for runs to end, ms. */
  readonly shutdownMs: number;
  readonly retention: Retention;
  /** Stops after so many runs. */
  readonly limit?: number;
  /** Stops after so long, ms. */
  readonly durationMs?: number;
  /** Stops once nothing is due and nothing runs. */
  readonly untilEmpty?: boolean;
  /** Default those of this machine. */
  readonly processes?: ProcessTable;
}

/** What a worker has done so far. */
export interface WorkerCounts {
  readonly running: number;
  readonly completed: number;
  readonly failed: number;
  /** Settles and progress that were refused because another worker held the task. */
  readonly stale: number;
  /** Runs that ignored their signal past the grace; their slots were reopened. */
  readonly stuck: number;
}
