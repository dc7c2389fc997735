import assert from 'node:assert/strict';
import type {
  Backend,
  Change,
  ChangeOutcome,
  ClaimedTask,
  ClaimRequest,
  InsertOutcome,
  NewTask,
  TaskQuery,
  TaskRow,
  TaskStore,
} from '@omniq/core/storage';
import type { Opened } from './case.ts';
import { newSession, newTask } from './rows.ts';

export const SECOND = 1_000;
export const MINUTE: number = 60 * SECOND;
export const HOUR: number = 60 * MINUTE;

/** A freshly opened task store under a clock that only the case moves. */
export class Stage {
  readonly backend: Opened;
  readonly tasks: TaskStore;
  /** The time that all verbs are given. Advance it by adding, by less than a day in all. */
  now: number;
  readonly #requests = new Map<string, number>();
  #serial = 0;

  constructor(backend: Opened, tasks: TaskStore, now: number) {
    this.backend = backend;
    this.tasks = tasks;
    this.now = now;
  }

  static async set(backend: Opened, tasks: TaskStore): Promise<Stage> {
    // A store with a clock refuses times ahead of it, never times behind: the stage plays in its past.
    const start = tasks.time === undefined ? 1_800_000_000_000 : Math.floor(await tasks.time()) - 48 * HOUR;
    return new Stage(backend, tasks, start);
  }

  /** A due task with an id of its own, but for what is given. In time by the store's own clock, too. */
  task(given: Partial<NewTask> = {}): NewTask {
    this.#serial += 1;
    return newTask({ id: `task-${this.#serial}`, runAt: this.now, admitBy: this.now + 96 * HOUR, ...given });
  }

  offer(...rows: readonly NewTask[]): Promise<readonly InsertOutcome[]> {
    return this.tasks.insert(rows, this.now);
  }

  /** Inserts tasks that have to be taken; returns their ids. */
  async insert(...given: readonly Partial<NewTask>[]): Promise<string[]> {
    const rows = given.map((each) => this.task(each));
    const outcomes = await this.offer(...rows);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      rows.map(() => 'inserted'),
    );
    return rows.map(({ id }) => id);
  }

  async insertOne(given: Partial<NewTask> = {}): Promise<string> {
    const [id] = await this.insert(given);
    return id as string;
  }

  async session(id = 'session-1', store: TaskStore = this.tasks): Promise<string> {
    await store.open(newSession(id), this.now);
    return id;
  }

  /** The next request of a lane. */
  request(session: string, given: Partial<ClaimRequest> = {}): ClaimRequest {
    const lane = given.lane ?? 0;
    const key = `${lane} ${session}`;
    const request = (this.#requests.get(key) ?? 0) + 1;
    this.#requests.set(key, request);
    const limit = given.limit ?? 100;
    return { session, lane, request, queues: ['default'], limit, start: limit, now: this.now, ...given };
  }

  claim(session: string, given: Partial<ClaimRequest> = {}): Promise<readonly ClaimedTask[]> {
    return this.tasks.claim(this.request(session, given));
  }

  /** Claims in a lane and returns the ids. */
  async claimIds(session: string, given: Partial<ClaimRequest> = {}): Promise<string[]> {
    return (await this.claim(session, given)).map(({ id }) => id);
  }

  /** Inserts a task and claims it. */
  async running(session: string, given: Partial<NewTask> = {}): Promise<ClaimedTask> {
    const id = await this.insertOne(given);
    const claimed = await this.claim(session, { queues: [given.queue ?? 'default'] });
    const task = claimed.find((each) => each.id === id);
    assert.ok(task !== undefined, 'the due task is claimed');
    return task;
  }

  async change(change: Change): Promise<ChangeOutcome> {
    const outcomes = await this.tasks.update([change], this.now);
    assert.equal(outcomes.length, 1, 'one outcome for one change');
    return outcomes[0] as ChangeOutcome;
  }

  async apply(change: Change): Promise<ChangeOutcome> {
    const outcome = await this.change(change);
    assert.equal(outcome.status, 'applied');
    return outcome;
  }

  /** Ends a running task. */
  finish(
    { id, lease }: { id: string; lease: number },
    state: 'completed' | 'failed' = 'completed',
  ): Promise<ChangeOutcome> {
    return this.apply({ id, guard: { lease }, set: { state, finishedAt: this.now } });
  }

  /** Sends a terminal task back, as the core does. */
  redrive(id: string): Promise<ChangeOutcome> {
    const set = { state: 'waiting', runAt: this.now, expiresAt: null, finishedAt: null, startedAt: null } as const;
    return this.change({ id, guard: { states: ['completed', 'failed', 'cancelled', 'expired'] }, set });
  }

  async row(id: string): Promise<TaskRow> {
    const [row] = await this.tasks.get([id]);
    assert.ok(row !== undefined, `the task ${id} is there`);
    return row;
  }

  /** Follows the cursors to the end. */
  async pages(query: Omit<TaskQuery, 'limit' | 'after'>, limit: number): Promise<TaskRow[]> {
    const rows: TaskRow[] = [];
    let after: string | undefined;
    for (let page = 0; page < 1_000; page += 1) {
      const { items, next } = await this.tasks.list({ ...query, limit, ...(after === undefined ? {} : { after }) });
      assert.ok(items.length <= limit, 'a page holds no more than its limit');
      rows.push(...items);
      if (next === undefined) return rows;
      after = next;
    }
    assert.fail('paging does not end');
  }

  async listIds(query: Omit<TaskQuery, 'limit'>): Promise<string[]> {
    return (await this.tasks.list({ ...query, limit: 1_000 })).items.map(({ id }) => id);
  }

  /** Task stores to race over: as many connections as asked for, or the same one so many times. */
  async rivals(count: number): Promise<TaskStore[]> {
    return (await this.connections(count)).map(({ tasks }) => tasks as TaskStore);
  }

  async connections(count: number): Promise<Backend[]> {
    const { again } = this.backend;
    if (again === undefined) return Array.from({ length: count }, () => this.backend);
    return [this.backend, ...(await Promise.all(Array.from({ length: count - 1 }, again)))];
  }
}
