import { parseDuration, type Duration } from '../duration.ts';
import { OmniQError } from '../errors.ts';
import type { TaskContext } from '../model/task-context.ts';
import { Snooze } from '../model/retry.ts';
import { decodeSpec, type TaskSpec } from '../model/task-spec.ts';
import type { Intent } from '../queue/committer.ts';
import type { Engine } from '../queue/engine.ts';
import type { ClaimedTask } from '../storage/task-row.ts';
import type { Logger } from '../telemetry/logger.ts';

/** What a handler may write on behalf of its run, under its lease. */
export interface RunWrites {
  progress(run: Run, share: number, details: unknown): Promise<void>;
  completeIn(run: Run, transaction: unknown, value: unknown): Promise<void>;
}

/** One execution of a claimed task, and what its handler sees of it. Parts that few handlers ask for are made when asked. */
export class Run implements TaskContext {
  readonly task: ClaimedTask;
  readonly spec: TaskSpec;
  /** Store time; 0 until it starts. */
  startedAt = 0;
  /** Set when the run is given up: handed back, timed out, or its lease is gone. What its handler still does is void. */
  over = false;
  cancelTimers: (() => void) | null = null;
  /** What the handler wrote in a transaction of its own, committed or not. */
  completion: Intent | null = null;
  #controller: AbortController | null = null;
  #log: Logger | null = null;
  readonly #engine: Engine;
  readonly #writes: RunWrites;

  constructor(engine: Engine, task: ClaimedTask, writes: RunWrites) {
    this.#engine = engine;
    this.task = task;
    this.spec = decodeSpec(task.spec);
    this.#writes = writes;
  }

  get id(): string {
    return this.task.id;
  }
  get name(): string {
    return this.task.name;
  }
  get queue(): string {
    return this.task.queue;
  }
  get priority(): number {
    return this.task.priority;
  }
  get attempt(): number {
    return this.task.attempt + 1;
  }
  get maxAttempts(): number {
    return this.spec.maxAttempts;
  }
  get redrives(): number {
    return this.task.redrives;
  }
  get lease(): number {
    return this.task.lease;
  }
  get fence(): number {
    return this.task.lease;
  }
  get idempotencyKey(): string {
    return `${this.task.id}:${this.task.redrives}`;
  }
  get correlationId(): string {
    return this.spec.correlationId ?? this.task.id;
  }
  get deadlineAt(): number | null {
    return this.spec.timeoutMs === null ? null : this.startedAt + this.spec.timeoutMs;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  get log(): Logger {
    const { id, name, attempt, correlationId } = this;
    this.#log ??= this.#engine.logger.child({ task_id: id, task: name, attempt, correlation_id: correlationId });
    return this.#log;
  }

  /** Why the run was told to stop, if it was. */
  get abortReason(): OmniQError | null {
    return this.#controller?.signal.aborted === true ? (this.#controller.signal.reason as OmniQError) : null;
  }

  /** The first reason counts. */
  abort(reason: OmniQError): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }

  async parents(): Promise<readonly unknown[]> {
    return this.spec.parents.length === 0 ? [] : this.#engine.results.valuesOf(this.spec.parents);
  }

  async progress(share: number, details?: unknown): Promise<void> {
    if (!(share >= 0 && share <= 1)) {
      throw new OmniQError('INVALID_OPTION', `progress is ${share}.`, { hint: 'It is a share from 0 to 1.' });
    }
    await this.#writes.progress(this, share, details);
  }

  completeIn(transaction: unknown, value?: unknown): Promise<void> {
    return this.#writes.completeIn(this, transaction, value);
  }

  snooze(delay: Duration): never {
    parseDuration(delay, 'snooze');
    throw new Snooze(delay);
  }
}
