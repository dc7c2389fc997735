import type { Ambient } from '../clock.ts';
import type { Codec } from '../codec/index.ts';
import { EventLog } from '../events/event-log.ts';
import type { EventLevel, TaskEvent } from '../model/event.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Logger } from '../telemetry/logger.ts';
import { Admission } from './admission.ts';
import { Committer } from './committer.ts';
import { Dependencies } from './dependencies.ts';
import type { TaskDefaults } from './enqueue-options.ts';
import { Enqueuer } from './enqueuer.ts';
import { queryEvents, type EventFilter } from './event-query.ts';
import { QueueAdmin } from './queue-admin.ts';
import { ResultWaiter } from './result-waiter.ts';
import { Results } from './results.ts';
import { StoreClock } from './store-clock.ts';
import type { Stores } from './stores.ts';
import { TaskAdmin, type Page } from './task-admin.ts';

export interface EngineOptions {
  readonly stores: Stores;
  readonly codec: Codec;
  readonly ambient: Ambient;
  readonly logger: Logger;
  readonly eventLevel: EventLevel;
  readonly defaults: TaskDefaults;
  /** Takes what is enqueued in transactions, where the task store has none; default none. */
  readonly outbox?: Outbox;
}

const SYNC_EVERY_MS = 60_000;

/**
 * One queue over its stores: what producers, workers and administration share. Built in one go, so that everything that
 * follows from a change follows whoever made it.
 */
export class Engine {
  readonly stores: Stores;
  readonly codec: Codec;
  readonly ambient: Ambient;
  readonly logger: Logger;
  readonly clock: StoreClock;
  readonly events: EventLog;
  readonly committer: Committer;
  readonly dependencies: Dependencies;
  readonly enqueuer: Enqueuer;
  readonly tasks: TaskAdmin;
  readonly queues: QueueAdmin;
  readonly results: Results;
  readonly waiter: ResultWaiter;
  readonly outbox: Outbox | null;
  readonly #wakes = new Set<(runAt: number) => void>();
  #cancelSync: (() => void) | null = null;

  constructor({ stores, codec, ambient, logger, eventLevel, defaults, outbox }: EngineOptions) {
    this.stores = stores;
    this.codec = codec;
    this.ambient = ambient;
    this.logger = logger;
    this.outbox = outbox ?? null;
    this.clock = new StoreClock(ambient, stores.tasks);
    this.events = new EventLog(stores.events, ambient, logger.child({ component: 'events' }), eventLevel);
    this.waiter = new ResultWaiter(stores.tasks, ambient);
    this.dependencies = new Dependencies(stores.tasks, this.clock, () => this.committer);
    this.committer = new Committer(stores.tasks, this.clock, this.events, {
      ended: (id) => this.waiter.ended(id),
      waiting: (runAt) => this.wake(runAt),
      release: (parents) => this.dependencies.release(parents),
    });
    this.results = new Results(stores, codec, this.clock, this.waiter, ambient.timers);
    this.enqueuer = new Enqueuer(this, new Admission(codec, defaults));
    this.tasks = new TaskAdmin(this);
    this.queues = new QueueAdmin(this);
  }

  /** Reads the store's clock; until then times are this machine's. */
  async start(): Promise<void> {
    await this.clock.sync();
    if (this.stores.tasks.capabilities.clock) this.#syncLater();
  }

  /** Calls `wake` when this process makes a task claimable, with its `runAt`. */
  onWaiting(wake: (runAt: number) => void): () => void {
    this.#wakes.add(wake);
    return () => this.#wakes.delete(wake);
  }

  wake(runAt: number): void {
    for (const wake of this.#wakes) wake(runAt);
  }

  /** Stored events, oldest first. @throws OmniQError `UNSUPPORTED` without an event store */
  async queryEvents(filter: EventFilter): Promise<Page<TaskEvent>> {
    await this.events.flush();
    return queryEvents(this.stores.events, filter);
  }

  async close(): Promise<void> {
    this.#cancelSync?.();
    await this.enqueuer.idle();
    await this.events.flush();
    this.waiter.close();
  }

  #syncLater(): void {
    const sync = (): void => {
      // An unanswered sync keeps the old offset, which the monotonic clock carries on.
      this.clock.sync().catch((error: unknown) => this.logger.debug({ err: error }, 'the clock was not synchronised'));
      this.#syncLater();
    };
    this.#cancelSync = this.ambient.timers.after(SYNC_EVERY_MS, sync, 'background');
  }
}
