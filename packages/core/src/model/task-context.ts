import type { Duration } from '../duration.ts';
import type { Logger } from '../telemetry/logger.ts';

/** What a handler is given beside its input. */
export interface TaskContext {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  /** 1 for the first execution. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** How often the task was sent back by hand after it had ended. */
  readonly redrives: number;
  readonly priority: number;
  /** Grows with every claim of the task: give it to whatever the run writes to, so that a superseded run can be told. */
  readonly fence: number;
  /** The same for every attempt: for outside systems that take an idempotency key. */
  readonly idempotencyKey: string;
  /** Follows what belongs together; tasks enqueued by this run inherit it. */
  readonly correlationId: string;
  /** Aborts on timeout, cancel, a lost lease and shutdown; `signal.reason` is an OmniQError that says which. */
  readonly signal: AbortSignal;
  /** Lines carry the task's id, attempt and correlation id. */
  readonly log: Logger;
  /** Epoch ms by which the run must end, or `null`. */
  readonly deadlineAt: number | null;
  /** The results of the tasks it waited for, in the order of `dependsOn`; `undefined` for one that did not complete. */
  parents(): Promise<readonly unknown[]>;
  /**
   * Reports how far the run is: a share from 0 to 1, and anything that can be a payload. Also shows that the run lives.
   * @throws OmniQError `LEASE_LOST` once another worker holds the task.
   */
  progress(share: number, details?: unknown): Promise<void>;
  /**
   * Completes the task as part of a transaction of yours, with `value` as its result: the writes of the handler and the
   * completion are one commit. Commit before the handler returns; what it returns is then void. Rolled back, the run
   * has failed with `COMPLETE_ROLLED_BACK`. What `transaction` is, the page of the backend says.
   * @throws OmniQError `UNSUPPORTED`, `INVALID_OPTION`, `PAYLOAD_*`; `LEASE_LOST` once another worker holds the task: the
   * transaction cannot be committed any more, whatever becomes of this error
   */
  completeIn(transaction: unknown, value?: unknown): Promise<void>;
  /** Ends this run and runs the task again later; spends no attempt. */
  snooze(delay: Duration): never;
}
