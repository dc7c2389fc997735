import { OmniQError, errorCodes, type Engine, type OmniQErrorCode, type TaskError, type TaskEvent } from '@omniq/core';
import type { Finished } from './spied-executor.ts';

/** One execution that a drain or an advance saw. */
export interface Ran {
  readonly id: string;
  /** The task's name. */
  readonly name: string;
  readonly queue: string;
  /** 1 for the first execution. */
  readonly attempt: number;
  /** What the handler was given; `undefined` if the run ended before it. */
  readonly input: unknown;
  /** `released`: handed back without a run, as at shutdown. `running`: it goes on. */
  readonly outcome: 'completed' | 'retry' | 'failed' | 'cancelled' | 'expired' | 'snoozed' | 'released' | 'running';
  /** What those who wait for a completed task get. */
  readonly result: unknown;
  /** What the handler threw, itself; or why the run failed besides. */
  readonly error: unknown;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly endedAt: number | null;
}

/** A run as it was heard of. */
export interface Entry {
  readonly start: TaskEvent;
  job: Finished | null;
  end: TaskEvent | null;
}

const outcomes: Readonly<Record<string, Ran['outcome']>> = {
  COMPLETE: 'completed',
  RETRY: 'retry',
  ERROR: 'failed',
  CANCELLED: 'cancelled',
  EXPIRED: 'expired',
  SNOOZED: 'snoozed',
  RELEASED: 'released',
  RESCUED: 'released',
};

/** Keeps what ran, in the order of the starts. */
export class RunLog {
  readonly #engine: Engine;
  readonly #entries: Entry[] = [];
  /** By the task's id. */
  readonly #open = new Map<string, Entry>();

  constructor(engine: Engine) {
    this.#engine = engine;
    engine.events.listen((event) => this.#hear(event), 'DEBUG');
  }

  /** How many runs have started. */
  get length(): number {
    return this.#entries.length;
  }

  /** The runs under way, by the task's name and id. */
  get running(): readonly string[] {
    return [...this.#open].map(([id, { start }]) => `${start.name} ${id}`);
  }

  isRunning(id: string): boolean {
    return this.#open.has(id);
  }

  /** The handler of an open run has started. */
  started(job: Finished): void {
    const entry = this.#open.get(job.job.id);
    if (entry !== undefined) entry.job = job;
  }

  /** Ids of tasks whose runs since `from` ended in a wait for their next attempt. */
  retrying(from: number): readonly string[] {
    const again = this.#entries.slice(from).filter(({ end }) => end?.type === 'RETRY');
    return [...new Set(again.map(({ start }) => start.task ?? ''))];
  }

  /** A task handed back since `from` because nobody here runs its like. */
  strange(from: number): { readonly name: string; readonly reason: string } | undefined {
    for (const { start, end } of this.#entries.slice(from)) {
      const reason = end?.type === 'RELEASED' ? end.data['reason'] : undefined;
      if (reason === 'task_unknown' || reason === 'executor_missing') return { name: start.name ?? '', reason };
    }
    return undefined;
  }

  /** Runs under way, to be told of once more. */
  get open(): readonly Entry[] {
    return [...this.#open.values()];
  }

  /** What has started since `from`, after those that were `open` and have ended. */
  since(from: number, open: readonly Entry[]): Promise<readonly Ran[]> {
    const ended = open.filter(({ end }) => end !== null);
    return Promise.all([...ended, ...this.#entries.slice(from)].map((entry) => this.#view(entry)));
  }

  #hear(event: TaskEvent): void {
    if (event.task === null) return;
    if (event.type === 'EXECUTING') {
      const entry: Entry = { start: event, job: null, end: null };
      this.#entries.push(entry);
      this.#open.set(event.task, entry);
      return;
    }
    const entry = this.#open.get(event.task);
    if (entry === undefined || !Object.hasOwn(outcomes, event.type)) return;
    entry.end = event;
    this.#open.delete(event.task);
  }

  async #view(entry: Entry): Promise<Ran> {
    const { start, job, end } = entry;
    const id = start.task as string;
    const outcome = end === null ? 'running' : (outcomes[end.type] as Ran['outcome']);
    return {
      id,
      name: start.name as string,
      queue: start.queue as string,
      attempt: start.data['attempt'] as number,
      input: job?.job.input,
      outcome,
      result: outcome === 'completed' ? (await this.#engine.results.valuesOf([id]))[0] : undefined,
      error: end === null || outcome === 'completed' ? undefined : await this.#errorOf(id, entry),
      startedAt: start.at,
      endedAt: end?.at ?? null,
    };
  }

  /** The thrown thing itself where a handler threw, else what the store recorded. */
  async #errorOf(id: string, { job, end }: Entry): Promise<unknown> {
    if (job?.outcome?.ok === false) return job.outcome.error;
    const attempts = await this.#engine.tasks.attempts(id);
    const recorded = attempts.findLast(({ finishedAt, error }) => error !== null && finishedAt === end?.at);
    return recorded?.error === null || recorded === undefined ? undefined : revive(recorded.error);
  }
}

function revive({ name, message, code, cause }: TaskError): Error {
  const options = cause === undefined ? {} : { cause: revive(cause) };
  if (code !== undefined && Object.hasOwn(errorCodes, code))
    return new OmniQError(code as OmniQErrorCode, message, options);
  const error = new Error(message, options);
  error.name = name;
  return code === undefined ? error : Object.assign(error, { code });
}
