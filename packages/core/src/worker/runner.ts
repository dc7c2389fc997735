import { OmniQError, isOmniQError } from '../errors.ts';
import { validate } from '../queue/admission.ts';
import { graceMs } from '../queue/admission.ts';
import type { Intent } from '../queue/committer.ts';
import type { Engine } from '../queue/engine.ts';
import type { ClaimedTask } from '../storage/task-row.ts';
import type { TaskDefinition } from '../model/define-task.ts';
import { asTask } from './current-task.ts';
import { Completions, rolledBack } from './completions.ts';
import type { Executor, Outcome } from './executor.ts';
import type { Registry } from './registry.ts';
import { Run, type RunWrites } from './run.ts';
import { settlement, type Settlement } from './settlement.ts';
import { completed, expired, failed, handedBack } from './verdict.ts';

/** A task that nobody here knows goes back for others, this much later. */
const UNKNOWN_DELAY_MS = 10_000;

export interface RunnerHooks {
  session(): string;
  /** This or {@link committed}, exactly once per started run. */
  ended(settlement: Settlement): void;
  /** Its handler completed it in a transaction of its own: there is nothing left to write. */
  committed(run: Run, intent: Intent): void;
  stuck(): void;
  stale(): void;
}

/** Takes one claimed task from its bytes to its verdict. */
export class Runner {
  readonly #engine: Engine;
  readonly #registry: Registry;
  readonly #executors: readonly Executor[];
  readonly #hooks: RunnerHooks;
  readonly #completions: Completions;
  readonly #writes: RunWrites;

  constructor(engine: Engine, registry: Registry, executors: readonly Executor[], hooks: RunnerHooks) {
    this.#engine = engine;
    this.#registry = registry;
    this.#executors = executors;
    this.#hooks = hooks;
    this.#completions = new Completions(engine);
    this.#writes = {
      progress: (run, share, details) => this.#progress(run, share, details),
      completeIn: (run, transaction, value) => this.#completeIn(run, transaction, value),
    };
  }

  get names(): readonly string[] {
    return this.#registry.names;
  }

  prepare(task: ClaimedTask): Run {
    return new Run(this.#engine, task, this.#writes);
  }

  /** Runs to the end; reports it once, whatever happens. */
  start(run: Run): void {
    const now = this.#engine.clock.now();
    const { expiresAt } = run.task;
    if (expiresAt !== null && now >= expiresAt) return this.abandon(run, expired(run, now));
    run.startedAt = now;
    const { committer, events } = this.#engine;
    if (events.wants('EXECUTING'))
      committer.tell('EXECUTING', { ...run.task, correlationId: run.correlationId }, { attempt: run.attempt });
    const task = this.#registry.find(run.name);
    const executor = this.#executorFor(run);
    if (task === undefined || executor === undefined) return this.#handOn(run, task === undefined);
    this.#watchTime(run);
    let outcome: Outcome | Promise<Outcome>;
    try {
      outcome = this.#execute(run, task, executor);
    } catch (error) {
      outcome = { ok: false, error };
    }
    if (!(outcome instanceof Promise)) return this.#finish(run, task, outcome);
    outcome.then(
      (ended) => this.#finish(run, task, ended),
      (error: unknown) => this.#finish(run, task, { ok: false, error }),
    );
  }

  /** Tells a run to stop. One that does not within the grace is killed, or given up and its slot reopened. */
  abort(run: Run, reason: OmniQError): void {
    if (run.abortReason !== null || run.over) return;
    run.abort(reason);
    run.cancelTimers?.();
    run.cancelTimers = this.#engine.ambient.timers.after(graceMs, () => this.#giveUp(run, reason));
  }

  /** Ends a run from outside with this verdict; what its handler still does is void. */
  abandon(run: Run, intent: Intent): void {
    if (run.over) return;
    run.over = true;
    run.cancelTimers?.();
    this.#hooks.ended(settlement(run, intent, this.#engine.stores.colocatedResults));
  }

  #executorFor(run: Run): Executor | undefined {
    const wish = run.spec.executor;
    return wish === null ? this.#executors[0] : this.#executors.find(({ kind }) => kind === wish);
  }

  #execute(run: Run, task: TaskDefinition<never>, executor: Executor): Outcome | Promise<Outcome> {
    const { id, name, queue, body } = run.task;
    const decoded = body === null ? undefined : this.#engine.codec.decode(body, { kind: 'input', name, queue, id });
    if (decoded instanceof Promise || task.input !== undefined) {
      return this.#executeChecked(run, task, executor, decoded);
    }
    return asTask(run, () => executor.run({ id, name, run: task.run as never, input: decoded, context: run }));
  }

  async #executeChecked(run: Run, task: TaskDefinition<never>, executor: Executor, decoded: unknown): Promise<Outcome> {
    const given = await decoded;
    const input = task.input === undefined ? given : await validate(task.input, given, `stored input of ${task.name}`);
    const { id, name } = run;
    return asTask(run, () => executor.run({ id, name, run: task.run as never, input, context: run }));
  }

  #finish(run: Run, task: TaskDefinition<never>, outcome: Outcome): void {
    if (run.over) return;
    if (run.completion !== null) return void this.#confirm(run, run.completion, task, outcome);
    if (!outcome.ok) return this.abandon(run, this.#failure(run, task, outcome.error));
    let value: Uint8Array | null | Promise<Uint8Array | null>;
    try {
      value = this.#encode(run, outcome.value);
    } catch (error) {
      return this.abandon(run, this.#failure(run, task, error));
    }
    if (!(value instanceof Promise)) return this.abandon(run, completed(run, value, this.#engine.clock.now()));
    value.then(
      (bytes) => this.abandon(run, completed(run, bytes, this.#engine.clock.now())),
      (error: unknown) => this.abandon(run, this.#failure(run, task, error)),
    );
  }

  async #confirm(run: Run, intent: Intent, task: TaskDefinition<never>, outcome: Outcome): Promise<void> {
    const isCommitted = await this.#completions.wasCommitted(run, intent);
    if (run.over) return;
    if (!isCommitted) return this.abandon(run, this.#failure(run, task, outcome.ok ? rolledBack(run) : outcome.error));
    run.over = true;
    run.cancelTimers?.();
    this.#hooks.committed(run, intent);
  }

  #encode(run: Run, value: unknown): Uint8Array | null | Promise<Uint8Array | null> {
    if (value === undefined) return null;
    const { id, name, queue } = run;
    return this.#engine.codec.encode(value, { kind: 'result', name, queue, id });
  }

  #failure(run: Run, task: TaskDefinition<never>, error: unknown): Intent {
    const backoff = task.settings.retry?.backoff;
    return failed(run, error, {
      session: this.#hooks.session(),
      now: this.#engine.clock.now(),
      random: this.#engine.ambient.random,
      delayOf: typeof backoff === 'function' ? backoff : undefined,
    });
  }

  #handOn(run: Run, unknownTask: boolean): void {
    const what = unknownTask ? `no task named ${run.name}` : `no ${run.spec.executor} executor`;
    run.log.warn({ queue: run.queue }, `this worker has ${what}; the task goes back for others`);
    this.abandon(
      run,
      handedBack(run, this.#engine.clock.now() + UNKNOWN_DELAY_MS, unknownTask ? 'task_unknown' : 'executor_missing'),
    );
  }

  #watchTime(run: Run): void {
    const { timeoutMs } = run.spec;
    if (timeoutMs === null) return;
    run.cancelTimers = this.#engine.ambient.timers.after(timeoutMs, () => {
      const error = new OmniQError(
        'RUN_TIMEOUT',
        `The run of ${run.name} took longer than its timeout of ${timeoutMs} ms.`,
        { id: run.id },
      );
      this.abort(run, error);
    });
  }

  #giveUp(run: Run, reason: OmniQError): void {
    const task = this.#registry.find(run.name);
    if (run.over || task === undefined) return;
    const killed = this.#executors.some((executor) => executor.kill(run.id));
    if (!killed) {
      this.#hooks.stuck();
      run.log.error(
        { reason: reason.code },
        'the handler ignores its signal; its slot is reopened, what it still does is void',
      );
    }
    this.abandon(run, this.#failure(run, task, reason));
  }

  async #progress(run: Run, share: number, details: unknown): Promise<void> {
    const { codec, clock, stores } = this.#engine;
    const { id, name, queue, lease } = run.task;
    if (run.over) throw this.#lost(run);
    const bytes = await codec.encode(
      { share, ...(details === undefined ? {} : { details }) },
      { kind: 'progress', name, queue, id },
    );
    // Progress shows life: a run without a timeout of its own is not cut off after an hour.
    const extended = run.spec.timeoutMs === null ? { deadlineAt: clock.now() + 3_600_000 } : {};
    const change = { id, guard: { lease }, set: { progress: bytes, ...extended } };
    const [outcome] = await stores.tasks.update([change], clock.now());
    if (outcome?.status !== 'applied') throw this.#refused(run);
  }

  async #completeIn(run: Run, transaction: unknown, value: unknown): Promise<void> {
    try {
      await this.#completions.completeIn(run, transaction, value);
    } catch (error) {
      throw isOmniQError(error, 'LEASE_LOST') ? this.#refused(run) : error;
    }
  }

  /** A write under this lease was refused. */
  #refused(run: Run): OmniQError {
    const lost = this.#lost(run);
    this.#hooks.stale();
    this.abort(run, lost);
    return lost;
  }

  #lost(run: Run): OmniQError {
    if (isOmniQError(run.abortReason)) return run.abortReason;
    return new OmniQError('LEASE_LOST', `Another worker holds the task ${run.id} now.`, {
      id: run.id,
      lease: run.task.lease,
    });
  }
}
