import { describeError, encodeError } from '../model/task-error.ts';
import { decodeSpec } from '../model/task-spec.ts';
import { cancel, expire, fail, guardOf } from '../model/transition.ts';
import type { StoredState, TaskRow } from '../storage/task-row.ts';
import type { TaskQuery } from '../storage/task-store.ts';
import { admissionMs } from './admission.ts';
import type { Intent } from './committer.ts';
import type { Engine } from './engine.ts';

const PAGE = 200;
/** One sweep does at most so many pages of a kind: others get their turn. */
const MAX_PAGES = 25;

/** How long ended tasks and events are kept, ms. */
export interface Retention {
  /** `completed`, `cancelled`, `expired`; default one day. */
  readonly ended: number;
  /** `failed`; default 30 days. */
  readonly failed: number;
  /** Events; default 7 days. */
  readonly events: number;
}

export const defaultRetention: Retention = { ended: 86_400_000, failed: 30 * 86_400_000, events: 7 * 86_400_000 };

/** A task forgotten before its admission deadline could be inserted again by a late repetition. */
export function atLeastAdmission(retention: Retention): Retention {
  const least = 2 * admissionMs;
  return { ...retention, ended: Math.max(retention.ended, least), failed: Math.max(retention.failed, least) };
}

/** Writes down what time has done to tasks, in bounded batches. Every worker sweeps; two at once do no harm. */
export class Sweeper {
  readonly #engine: Engine;
  readonly #retention: Retention;

  constructor(engine: Engine, retention: Retention = defaultRetention) {
    this.#engine = engine;
    this.#retention = atLeastAdmission(retention);
  }

  /** What keeps tasks from being stuck: expiry, overrun deadlines, edges that a crash left behind. */
  async sweep(): Promise<void> {
    await this.#pages({ states: ['waiting', 'blocked'], expiresBy: this.#engine.clock.now() }, (row) =>
      this.#expire(row),
    );
    await this.#pages({ states: ['running'], deadlineBy: this.#engine.clock.now() }, (row) => this.#overrun(row));
    await this.#engine.dependencies.sweep();
  }

  /** What keeps stores small: old tasks, results and events. */
  async tidy(): Promise<void> {
    const { stores, clock } = this.#engine;
    await this.#forget(['completed', 'cancelled', 'expired'], clock.now() - this.#retention.ended);
    await this.#forget(['failed'], clock.now() - this.#retention.failed);
    await stores.results.sweep(clock.now(), PAGE * MAX_PAGES);
    await stores.events?.trim(clock.now() - this.#retention.events, PAGE * MAX_PAGES);
  }

  async #pages(query: Omit<TaskQuery, 'limit'>, intent: (row: TaskRow) => Intent): Promise<void> {
    await this.#eachPage(query, (rows) => this.#engine.committer.commit(rows.map(intent)));
  }

  /** Goes on from page to page, so that rows which cannot be changed hide none behind them. */
  async #eachPage(query: Omit<TaskQuery, 'limit'>, act: (rows: readonly TaskRow[]) => Promise<unknown>): Promise<void> {
    let after: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { items, next } = await this.#engine.stores.tasks.list({
        ...query,
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      });
      if (items.length > 0) await act(items);
      if (next === undefined) return;
      after = next;
    }
  }

  #expire(task: TaskRow): Intent {
    const { set, event } = expire(this.#engine.clock.now());
    return { change: { id: task.id, guard: { states: [task.state] }, set }, event, task };
  }

  /** Alive or not, its worker has held it past its deadline: an attempt, not a crash. */
  #overrun(task: TaskRow): Intent {
    const { clock, ambient } = this.#engine;
    const error = describeError({ name: 'DeadlineExceeded', message: 'The run held its task past its deadline.' });
    const failure = { error: encodeError(error), reason: 'deadline_exceeded', retryable: true };
    const { set, event } = task.cancelRequested
      ? cancel(clock.now(), 'cancelled')
      : fail(task, decodeSpec(task.spec), failure, null, clock.now(), ambient.random);
    return {
      change: { id: task.id, guard: guardOf(task.lease, set), set },
      event,
      task,
      data: { reason: failure.reason },
    };
  }

  async #forget(states: readonly StoredState[], finishedBy: number): Promise<void> {
    await this.#eachPage({ states, finishedBy }, (rows) => this.#engine.tasks.remove(rows.map(({ id }) => id)));
  }
}
