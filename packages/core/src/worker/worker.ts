import { sleep, within } from '../clock.ts';
import { OmniQError } from '../errors.ts';
import { graceMs } from '../queue/admission.ts';
import type { Intent } from '../queue/committer.ts';
import type { Engine } from '../queue/engine.ts';
import type { ClaimedTask } from '../storage/task-row.ts';
import type { ChangeOutcome } from '../storage/task-store.ts';
import type { Logger } from '../telemetry/logger.ts';
import { Alarms } from './alarms.ts';
import { Appetite } from './appetite.ts';
import type { LaneHost } from './lane.ts';
import { Lanes } from './lanes.ts';
import { systemProcesses } from './process-identity.ts';
import { Registry } from './registry.ts';
import { repeat } from './repeat.ts';
import type { Run } from './run.ts';
import { Runner } from './runner.ts';
import { Session } from './session.ts';
import type { Settlement } from './settlement.ts';
import { Slots } from './slots.ts';
import { StrayLeases } from './stray-leases.ts';
import { Upkeep } from './upkeep.ts';
import { cancelledInstead, handedBack, stopped } from './verdict.ts';
import type { WorkerCounts, WorkerOptions } from './worker-options.ts';

/** Claimed ahead and not started for so long a part of the lease: handed back for others. */
const WAITING_SHARE = 0.1;
/** After the shutdown deadline, to settle what is left. */
const FLUSH_MS = 5_000;

/** Takes tasks from queues and runs them: the runtime that all kinds of workers share. */
export class Worker implements LaneHost {
  readonly session: Session;
  readonly #engine: Engine;
  readonly #options: WorkerOptions;
  readonly #logger: Logger;
  readonly #runner: Runner;
  readonly #lanes: Lanes;
  readonly #upkeep: Upkeep;
  readonly #strays: StrayLeases;
  readonly #appetite: Appetite;
  readonly #alarms: Alarms;
  readonly #slots: Slots;
  #settled: Settlement[] = [];
  /** In an exchange with the store right now. */
  #settling = 0;
  #claimsLeft: number;
  #lastClaimAt = 0;
  #counts = { completed: 0, failed: 0, stale: 0, stuck: 0 };
  #stopping: Promise<void> | null = null;
  #ended = false;
  #gaveUp = false;
  #cleanUp: (() => void)[] = [];
  readonly #done = Promise.withResolvers<void>();

  constructor(engine: Engine, options: WorkerOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#logger = engine.logger.child({ component: 'worker' });
    this.#claimsLeft = options.limit ?? Number.POSITIVE_INFINITY;
    this.#appetite = new Appetite(options.prefetch);
    this.#slots = new Slots(options.concurrency, {
      now: () => engine.ambient.clock.monotonic(),
      start: (run, waitedMs) => {
        this.#appetite.waited(waitedMs);
        this.#runner.start(run);
      },
    });
    this.#upkeep = new Upkeep(engine, options, this.#logger);
    this.#strays = new StrayLeases(engine.stores.tasks);
    this.#alarms = new Alarms(engine.ambient.timers, () => this.#lanes.ring());
    this.#runner = new Runner(engine, new Registry(options.tasks), options.executors, {
      session: () => this.session.id,
      ended: (settlement) => this.#runEnded(settlement),
      committed: (run, intent) => this.#runCommitted(run, intent),
      stuck: () => (this.#counts.stuck += 1),
      stale: () => (this.#counts.stale += 1),
    });
    this.session = new Session(engine, options.leaseMs, (options.processes ?? systemProcesses).self, {
      busy: () => this.#held() > 0,
      cancelled: (ids) => this.#cancel(ids),
      lost: () => this.#sessionLost(),
      leases: (count) => {
        this.#handBackStrays(count).catch((error: unknown) =>
          this.#logger.warn({ err: error }, 'stray leases were not handed back'),
        );
      },
    });
    this.#lanes = new Lanes(engine, this, options.queues, options.pollMs);
  }

  /** Resolves when the worker has stopped, for whatever reason. */
  get done(): Promise<void> {
    return this.#done.promise;
  }

  get counts(): WorkerCounts {
    return { running: this.#slots.runningCount, ...this.#counts };
  }

  async start(): Promise<void> {
    // Before the first claim: what a dead process of this host left behind waits for no lease.
    await this.#upkeep.rescue();
    await this.session.open();
    const { tasks } = this.#engine.stores;
    this.#cleanUp.push(
      this.#engine.onWaiting((runAt) => this.#alarms.at(runAt, this.#engine.clock.now())),
      tasks.watch?.(() => this.#lanes.ring(), 'claimable') ?? (() => {}),
      repeat(
        this.#engine.ambient,
        Math.min(1_000, this.#options.leaseMs * WAITING_SHARE),
        () => this.#handBackStale(),
        () => {},
      ),
      () => this.#upkeep.stop(),
    );
    this.#upkeep.start();
    const { durationMs } = this.#options;
    if (durationMs !== undefined)
      this.#cleanUp.push(this.#engine.ambient.timers.after(durationMs, () => void this.stop()));
    this.#lanes.run();
    this.#logger.info(
      { session: this.session.id, queues: this.#options.queues, tasks: this.#runner.names },
      'the worker started',
    );
  }

  /**
   * Claims nothing more, waits for runs up to the deadline, then aborts them and hands their tasks back without spending
   * an attempt. Always returns. A second call shortens the first one's deadline.
   */
  stop(options: { readonly deadlineMs?: number } = {}): Promise<void> {
    const deadlineMs = options.deadlineMs ?? this.#options.shutdownMs;
    if (this.#stopping !== null) {
      if (options.deadlineMs !== undefined)
        void sleep(this.#engine.ambient.timers, deadlineMs).then(() => this.#abortAll());
      return this.#stopping;
    }
    this.#stopping = this.#stop(deadlineMs).finally(() => this.#done.resolve());
    return this.#stopping;
  }

  wanted(): number {
    if (this.#stopping !== null || this.#claimsLeft <= 0) return 0;
    // Settles that the store does not take press back on claims.
    if (this.#settled.length + this.#settling > 4 * this.#options.prefetch + this.#options.concurrency) return 0;
    return Math.min(this.#claimsLeft, this.#appetite.wanted(this.free(), this.#slots.waitingCount));
  }

  free(): number {
    return this.#slots.free;
  }

  takeSettled(most: number): readonly Settlement[] {
    const batch = this.#settled.length <= most ? this.#settled : this.#settled.slice(0, most);
    this.#settled = batch === this.#settled ? [] : this.#settled.slice(most);
    this.#settling += batch.length;
    if (this.#settled.length > 0) this.#lanes.ring();
    return batch;
  }

  claimed(tasks: readonly ClaimedTask[], asked: number): void {
    const now = this.#engine.ambient.clock.monotonic();
    this.#appetite.claimed(tasks.length, asked, now - this.#lastClaimAt);
    this.#lastClaimAt = now;
    this.#claimsLeft -= tasks.length;
    this.#slots.add(tasks.map((task) => this.#runner.prepare(task)));
    if (this.#stopping === null) this.#slots.fill();
    else this.#handBackWaiting('shutdown');
  }

  settled(batch: readonly Settlement[], outcomes: readonly ChangeOutcome[]): void {
    this.#settling -= batch.length;
    for (let index = 0; index < batch.length; index += 1) {
      const { run } = batch[index] as Settlement;
      const status = outcomes[index]?.status;
      if (status === 'cancelled') this.#settle({ run, intent: cancelledInstead(run, this.#engine.clock.now()) });
      else if (status !== 'applied') this.#lostLease(run);
    }
    this.#follow(
      batch.map(({ intent }) => intent),
      outcomes,
    );
  }

  due(at: number): void {
    this.#alarms.at(at, this.#engine.clock.now());
  }

  drained(): void {
    if (this.#options.untilEmpty === true && this.#held() === 0) void this.stop();
  }

  finished(): boolean {
    return this.#gaveUp || (this.#ended && this.#settled.length === 0);
  }

  gaveUp(): boolean {
    return this.#gaveUp;
  }

  #held(): number {
    return this.#slots.count + this.#settled.length + this.#settling;
  }

  #runEnded(settlement: Settlement): void {
    const { run, intent } = settlement;
    if (intent.event === 'COMPLETE') this.#counts.completed += 1;
    else if (intent.event === 'ERROR' || intent.event === 'RETRY') this.#counts.failed += 1;
    this.#settle(settlement);
    this.#slots.leave(run);
  }

  /** Whether others wait for it was not told: they are looked for. */
  #runCommitted(run: Run, intent: Intent): void {
    this.#counts.completed += 1;
    this.#slots.leave(run);
    this.#follow([intent], [{ status: 'applied', dependents: true }]);
  }

  #follow(intents: readonly Intent[], outcomes: readonly ChangeOutcome[]): void {
    this.#engine.committer
      .follow(intents, outcomes)
      .catch((error: unknown) => this.#logger.warn({ err: error }, 'children were not released; the sweep will'));
    if (this.#held() > 0) return;
    if (this.#claimsLeft <= 0) void this.stop();
    else if (this.#options.untilEmpty === true) this.#lanes.ring();
  }

  #settle(settlement: Settlement): void {
    this.#settled.push(settlement);
    this.#lanes.ring();
  }

  #lostLease(run: Run): void {
    this.#counts.stale += 1;
    this.#logger.warn({ task_id: run.id, lease: run.task.lease }, 'the lease was lost; what the run wrote was refused');
    this.#engine.committer.tell('LEASE_LOST', { ...run.task });
  }

  #cancel(ids: readonly string[]): void {
    for (const id of ids) {
      const run = this.#slots.find(id);
      if (run !== undefined)
        this.#runner.abort(run, new OmniQError('TASK_CANCELLED', `The task ${id} was cancelled.`, { id }));
    }
  }

  /** Others ended the session: its tasks are going back. Runs are told; those that finish all the same settle by fence. */
  #sessionLost(): void {
    this.#logger.error({}, 'the worker was silent for a full lease and its session was ended; a new one opens');
    this.#slots.takeWaiting();
    const lost = new OmniQError('LEASE_LOST', 'The worker was silent for a full lease; its tasks went to others.');
    for (const run of this.#slots.running) this.#runner.abort(run, lost);
  }

  /** A claim whose reply was lost leaves leases that nobody runs: they are handed back. */
  async #handBackStrays(counted: number): Promise<void> {
    const strays = await this.#strays.find(this.session.id, counted, () => ({
      count: this.#held(),
      leases: new Set(this.#known().map(({ task }) => task.lease)),
    }));
    for (const row of strays) {
      const run = this.#runner.prepare(row);
      this.#settle({ run, intent: handedBack(run, row.runAt, 'stray') });
    }
  }

  #known(): readonly Run[] {
    return [...this.#slots.running, ...this.#slots.waiting, ...this.#settled.map(({ run }) => run)];
  }

  #handBackWaiting(reason: string): void {
    const unstarted = this.#slots.takeWaiting();
    this.#claimsLeft += unstarted.length;
    for (const run of unstarted) this.#settle({ run, intent: handedBack(run, run.task.runAt, reason) });
  }

  #handBackStale(): void {
    const waited = this.#slots.longestWaitMs;
    this.#appetite.waited(waited);
    if (waited > this.#options.leaseMs * WAITING_SHARE) this.#handBackWaiting('waited');
  }

  async #stop(deadlineMs: number): Promise<void> {
    const { timers } = this.#engine.ambient;
    this.#handBackWaiting('shutdown');
    await this.#until(() => this.#slots.runningCount === 0, deadlineMs);
    this.#abortAll();
    await this.#until(() => this.#slots.runningCount === 0, graceMs);
    for (const run of this.#slots.running)
      this.#runner.abandon(run, handedBack(run, this.#engine.clock.now(), 'shutdown'));
    this.#ended = true;
    this.#cleanUp.forEach((clean) => clean());
    this.#alarms.stop();
    this.#lanes.ringAll();
    await within(timers, FLUSH_MS, this.#lanes.ended());
    this.#gaveUp = true;
    await within(timers, FLUSH_MS, this.session.close());
    this.#logger.info({ ...this.counts }, 'the worker stopped');
  }

  #abortAll(): void {
    for (const run of this.#slots.running) this.#runner.abort(run, stopped());
  }

  async #until(condition: () => boolean, ms: number): Promise<void> {
    const { clock, timers } = this.#engine.ambient;
    const end = clock.monotonic() + ms;
    while (!condition() && clock.monotonic() < end)
      await sleep(timers, Math.min(20, Math.max(1, end - clock.monotonic())));
  }
}
