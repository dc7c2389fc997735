import type { Handler } from '../model/define-task.ts';
import type { TaskContext } from '../model/task-context.ts';

/** One execution, as a worker gives it to an executor. */
export interface Job {
  readonly id: string;
  readonly name: string;
  /** The handler in this process; an executor that runs elsewhere finds its own by the name. */
  readonly run: Handler<unknown, unknown>;
  readonly input: unknown;
  readonly context: TaskContext;
}

/** What came of it. An executor never throws for what a handler does. */
export type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

/** Where handlers run. The runtime around it does the rest: sessions, leases, timeouts, settling, shutdown. */
export interface Executor {
  /** One word that tasks ask for: `async`, `thread`, `process`, `fiber`. */
  readonly kind: string;
  /** Runs the job to its end. Answers at once where it can, so that small handlers cost no promise. */
  run(job: Job): Outcome | Promise<Outcome>;
  /** Stops the job for good and returns `true`, or `false` where that is not possible: its slot is then given up. */
  kill(id: string): boolean;
  close(): Promise<void>;
}
