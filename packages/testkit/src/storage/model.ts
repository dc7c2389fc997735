import assert from 'node:assert/strict';
import type { Mutable, NewTask, StoredState, TaskQuery } from '@omniq/core/storage';
import type { ConformanceCase } from './case.ts';
import { randomFrom, type Random } from './random.ts';
import { HOUR, MINUTE, type Stage } from './stage.ts';
import { taskCase } from './task-case.ts';

const ENDED: readonly StoredState[] = ['completed', 'failed', 'cancelled', 'expired'];

/** A task as plainly as it can be thought of; the model looks at all of them for every question. */
interface ModelTask {
  readonly id: string;
  readonly queue: string;
  state: StoredState;
  priority: number;
  runAt: number;
  expiresAt: number | null;
  lease: number;
}

/** Does at random what workers and operators do, and holds the store to what the model says comes of it. */
class Walk {
  readonly #stage: Stage;
  readonly #session: string;
  readonly #random: Random;
  /** In insert order. */
  #tasks: ModelTask[] = [];

  constructor(stage: Stage, session: string, seed: number) {
    this.#stage = stage;
    this.#session = session;
    this.#random = randomFrom(seed);
  }

  async step(): Promise<void> {
    const step = this.#random.pick([
      () => this.#insert(),
      () => this.#insert(),
      () => this.#claim(),
      () => this.#claim(),
      () => this.#settle(),
      () => this.#settle(),
      () => this.#edit(),
      () => this.#remove(),
    ]);
    await step();
    this.#stage.now += this.#random.below(3) * this.#random.below(4);
  }

  async check(): Promise<void> {
    const { now } = this.#stage;
    const queries: Omit<TaskQuery, 'limit'>[] = [
      {},
      { order: 'newest' },
      { states: ['waiting'], queues: ['a'] },
      { states: ['running'] },
      { states: ['waiting', 'blocked'], expiresBy: now },
      { states: ['waiting'], dueBy: now, order: 'newest' },
    ];
    for (const query of queries) {
      const rows = await this.#stage.pages(query, 70);
      assert.deepEqual(rows.map(brief), this.#matching(query).map(brief), JSON.stringify(query));
    }
    const counts = (await this.#stage.tasks.count(now)).filter(({ count }) => count > 0);
    assert.deepEqual(new Map(counts.map(({ queue, state, count }) => [`${queue} ${state}`, count])), this.#counts(now));
  }

  async #insert(): Promise<void> {
    const { now } = this.#stage;
    const rows: NewTask[] = Array.from({ length: 1 + this.#random.below(30) }, () =>
      this.#stage.task({
        queue: this.#random.pick(['a', 'b']),
        priority: this.#random.below(3) * 10,
        runAt: now + this.#random.pick([-5, 0, 0, 0, 4, 40]),
        expiresAt: this.#random.pick([null, null, now + 10, now + 300]),
      }),
    );
    await this.#stage.offer(...rows);
    for (const row of rows) this.#tasks.push({ ...row, state: 'waiting', lease: 0 });
  }

  async #claim(): Promise<void> {
    const { now } = this.#stage;
    const queues = this.#random.pick([['a'], ['b'], ['a', 'b'], ['b', 'a']]);
    const limit = 1 + this.#random.below(25);
    const expected = queues.flatMap((queue) => this.#claimable(queue, now)).slice(0, limit);
    const claimed = await this.#stage.claim(this.#session, { queues, limit });
    assert.deepEqual(
      claimed.map(({ id }) => id),
      expected.map(({ id }) => id),
    );
    for (const [n, task] of expected.entries()) {
      const lease = claimed[n]?.lease ?? 0;
      assert.ok(lease > task.lease, 'a lease grows');
      Object.assign(task, { state: 'running', lease });
    }
  }

  /** Ends or sends back some of what runs, under right and wrong leases. */
  async #settle(): Promise<void> {
    const some = this.#some((task) => task.state === 'running');
    const sets = some.map((): Partial<Mutable> =>
      this.#random.pick([
        { state: 'completed', finishedAt: this.#stage.now },
        { state: 'failed', finishedAt: this.#stage.now },
        { state: 'waiting', runAt: this.#stage.now + this.#random.below(9) },
        { state: 'waiting' },
      ]),
    );
    const wrong = some.map(() => this.#random.below(5) === 0);
    const changes = some.map(({ id, lease }, n) => ({
      id,
      guard: { lease: wrong[n] ? lease + 1 : lease },
      set: sets[n] ?? {},
    }));
    const outcomes = await this.#stage.tasks.update(changes, this.#stage.now);
    outcomes.forEach(({ status }, n) => assert.equal(status, wrong[n] ? 'stale' : 'applied'));
    for (const [n, task] of some.entries()) if (!wrong[n]) Object.assign(task, modelled(sets[n] ?? {}));
  }

  /** Cancels, moves and redrives from outside. */
  async #edit(): Promise<void> {
    const some = this.#some((task) => task.state !== 'running');
    const changes = some.map(({ id, state }) => ({ id, guard: { states: [state] }, set: this.#edited(state) }));
    const outcomes = await this.#stage.tasks.update(changes, this.#stage.now);
    outcomes.forEach(({ status }) => assert.equal(status, 'applied'));
    for (const [n, task] of some.entries()) Object.assign(task, modelled(changes[n]?.set ?? {}));
  }

  #edited(state: StoredState): Partial<Mutable> {
    const { now } = this.#stage;
    if (state !== 'waiting') return { state: 'waiting', runAt: now, expiresAt: null };
    return this.#random.pick<Partial<Mutable>>([
      { state: 'cancelled', finishedAt: now },
      { priority: this.#random.below(3) * 10 },
      { runAt: now + this.#random.below(20) - 10 },
      { expiresAt: this.#random.pick([null, now + 5]) },
    ]);
  }

  async #remove(): Promise<void> {
    const some = this.#some(() => true);
    const gone = some.filter(({ state }) => ENDED.includes(state));
    const ids = some.map(({ id }) => id);
    assert.equal(await this.#stage.tasks.remove(ids, this.#stage.now + HOUR), gone.length);
    this.#tasks = this.#tasks.filter((task) => !gone.includes(task));
  }

  #some(matches: (task: ModelTask) => boolean): ModelTask[] {
    return this.#tasks.filter((task) => matches(task) && this.#random.below(4) === 0).slice(0, 40);
  }

  #claimable(queue: string, now: number): ModelTask[] {
    return this.#tasks
      .filter(
        (task) =>
          task.queue === queue && task.state === 'waiting' && task.runAt <= now && (task.expiresAt ?? now + 1) > now,
      )
      .sort((a, b) => b.priority - a.priority || a.runAt - b.runAt);
  }

  #counts(now: number): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { queue, state, runAt } of this.#tasks) {
      const key = `${queue} ${state !== 'waiting' ? state : runAt > now ? 'scheduled' : 'pending'}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  }

  #matching({ states, queues, expiresBy, dueBy, order }: Omit<TaskQuery, 'limit'>): ModelTask[] {
    const matching = this.#tasks.filter(
      (task) =>
        (states?.includes(task.state) ?? true) &&
        (queues?.includes(task.queue) ?? true) &&
        (expiresBy === undefined || (task.expiresAt !== null && task.expiresAt <= expiresBy)) &&
        (dueBy === undefined || task.runAt <= dueBy),
    );
    return order === 'newest' ? matching.reverse() : matching;
  }
}

function brief({ id, queue, state, priority, runAt, expiresAt, lease }: ModelTask): ModelTask {
  return { id, queue, state, priority, runAt, expiresAt, lease };
}

function modelled({ finishedAt: _finishedAt, ...rest }: Partial<Mutable>): Partial<ModelTask> {
  return rest as Partial<ModelTask>;
}

export const modelCases: readonly ConformanceCase[] = [1, 2, 3].map((seed) =>
  taskCase('model', `random commands do what a plain model of the contract says, seed ${seed}`, async (stage) => {
    if (stage.tasks.capabilities.order === 'loose') return;
    const walk = new Walk(stage, await stage.session(), seed);
    for (let step = 1; step <= 160; step += 1) {
      await walk.step();
      if (step % 20 === 0) await walk.check();
    }
    stage.now += MINUTE;
    await walk.check();
  }),
);
