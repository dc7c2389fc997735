import { sleep } from '../clock.ts';
import { isOmniQError } from '../errors.ts';
import { Bell } from '../queue/bell.ts';
import type { Engine } from '../queue/engine.ts';
import type { ClaimedTask } from '../storage/task-row.ts';
import type { ChangeOutcome, ClaimRequest } from '../storage/task-store.ts';
import type { Session } from './session.ts';
import type { Settlement } from './settlement.ts';

/** The most that one exchange with the store settles or claims. */
export const batchSize = 500;
const RETRY_MS = { first: 100, most: 5_000 };
/** The store is not asked more often than this when the next delayed task will be due. */
const ASK_DUE_MS = 250;
/** Nor than this after a poll that found nothing, as nobody said that anything came: one that did is polled when due. */
const ASK_AFTER_POLL_MS = 30_000;
/** A worker polls in one lane: the others are there for when there is work. */
const REST_MS = 60_000;

/** What a lane asks of its worker. */
export interface LaneHost {
  readonly session: Session;
  /** How many tasks to claim now; 0 for none. */
  wanted(): number;
  /** How many of them find a free slot. */
  free(): number;
  /** Runs that ended and wait to be settled, taken out. */
  takeSettled(most: number): readonly Settlement[];
  settled(batch: readonly Settlement[], outcomes: readonly ChangeOutcome[]): void;
  claimed(tasks: readonly ClaimedTask[], asked: number): void;
  /** Whether the lane has nothing left to do and may end. */
  finished(): boolean;
  /** Whether what is left is given up, because the store does not answer. */
  gaveUp(): boolean;
  /** Called when a claim found nothing more. */
  drained(): void;
  /** The store says that a task will be due then. */
  due(at: number): void;
}

/**
 * One conversation with the store: settle what ended and claim what is wanted, in one round trip and one commit, over
 * and over. Idle, it waits for a bell, with a poll as the floor. While the store is down it keeps what it has to settle
 * and asks again; runs are never repeated for that.
 */
export class Lane {
  readonly #engine: Engine;
  readonly #host: LaneHost;
  readonly #lane: number;
  readonly #queues: readonly string[];
  readonly #pollMs: number;
  readonly #bell = new Bell();
  #state: 'resting' | 'about to look' | 'busy' = 'about to look';
  #request = 0;
  #failures = 0;
  #lastAsked = Number.NEGATIVE_INFINITY;

  constructor(engine: Engine, host: LaneHost, lane: number, queues: readonly string[], pollMs: number) {
    this.#engine = engine;
    this.#host = host;
    this.#lane = lane;
    this.#queues = queues;
    this.#pollMs = pollMs;
  }

  get isResting(): boolean {
    return this.#state === 'resting';
  }

  /** Whether it will take what there is to settle, and claim, without being rung for. */
  get isAboutToLook(): boolean {
    return this.#state === 'about to look';
  }

  ring(): void {
    if (this.#state === 'resting') this.#state = 'about to look';
    this.#bell.ring();
  }

  async run(): Promise<void> {
    let quiet = false;
    let asked = true;
    let polled = false;
    while (!this.#host.finished()) {
      const limit: number = quiet ? 0 : Math.min(batchSize, this.#host.wanted());
      this.#state = 'busy';
      const batch = this.#host.takeSettled(batchSize);
      if (batch.length === 0 && limit === 0) {
        polled = await this.#rest(asked ? this.#restMs() : ASK_DUE_MS);
        // Runs that end in the same turn are settled together.
        await this.#engine.ambient.timers.turn();
        quiet = false;
        continue;
      }
      const claimed: number = await this.#exchange(batch, limit);
      if (limit > 0) quiet = claimed < limit;
      if (limit > 0 && claimed === 0) this.#host.drained();
      if (limit > 0) asked = !quiet || (await this.#askDue(polled));
      await this.#engine.ambient.timers.turn();
    }
  }

  /** Returns how many were claimed; repeats until the store has answered. */
  async #exchange(batch: readonly Settlement[], limit: number): Promise<number> {
    this.#request += 1;
    const rest = { batch, limit };
    while (!this.#host.gaveUp()) {
      const session = this.#host.session.id;
      try {
        const claimed = await this.#once(rest, session);
        this.#failures = 0;
        return claimed;
      } catch (error) {
        if (!isOmniQError(error, 'SESSION_ENDED')) {
          await this.#backOff(error, rest.batch.length);
          continue;
        }
        // The claim is refused; what ended is settled all the same, by its fence.
        rest.limit = 0;
        await this.#host.session.renew(session).catch(() => {});
        if (rest.batch.length === 0) return 0;
      }
    }
    return 0;
  }

  /** Takes off `rest` what is done, so that a failure in between repeats none of it. */
  async #once(rest: { batch: readonly Settlement[]; limit: number }, session: string): Promise<number> {
    const { tasks, results, colocatedResults } = this.#engine.stores;
    const { batch, limit } = rest;
    if (!colocatedResults) await results.put(batch.flatMap(({ result }) => (result === undefined ? [] : [result])));
    const changes = batch.map(({ intent }) => intent.change);
    const request = this.#claimRequest(session, limit);
    if (changes.length > 0 && limit > 0 && tasks.swap !== undefined) {
      const { outcomes, claimed } = await tasks.swap(changes, request);
      this.#host.settled(batch, outcomes);
      this.#host.claimed(claimed, limit);
      return claimed.length;
    }
    if (changes.length > 0) {
      this.#host.settled(batch, await tasks.update(changes, request.now));
      rest.batch = [];
    }
    if (limit === 0) return 0;
    const claimed = await tasks.claim(request);
    this.#host.claimed(claimed, limit);
    return claimed.length;
  }

  #claimRequest(session: string, limit: number): ClaimRequest {
    return {
      session,
      lane: this.#lane,
      request: this.#request,
      queues: this.#queues,
      limit,
      start: Math.min(limit, this.#host.free()),
      now: this.#engine.clock.now(),
    };
  }

  /** Sets the alarm for the next delayed task; `false` if the store was asked too short a while ago. */
  async #askDue(polled: boolean): Promise<boolean> {
    const { clock, ambient, stores } = this.#engine;
    if (stores.tasks.nextDue === undefined || this.#lane > 0) return true;
    const since = ambient.clock.monotonic() - this.#lastAsked;
    if (polled && since < ASK_AFTER_POLL_MS) return true;
    if (since < ASK_DUE_MS) return false;
    this.#lastAsked = ambient.clock.monotonic();
    const due = await stores.tasks.nextDue(this.#queues, clock.now()).catch(() => null);
    if (due !== null) this.#host.due(due);
    return true;
  }

  async #backOff(error: unknown, settling: number): Promise<void> {
    const { ambient, logger } = this.#engine;
    this.#failures += 1;
    const details = { err: error, settling, failures: this.#failures };
    // Said once; an outage fills no log.
    logger[this.#failures === 1 ? 'warn' : 'debug'](details, 'the task store did not answer; trying again');
    const ms =
      Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** Math.min(this.#failures, 10)) * (0.5 + ambient.random() / 2);
    await sleep(ambient.timers, ms);
  }

  /** Until the bell, or for so long; `true` if nothing rang. */
  async #rest(ms: number): Promise<boolean> {
    let isOver = false;
    this.#state = 'resting';
    const { timers } = this.#engine.ambient;
    await this.#bell.wait((ring) =>
      timers.after(ms, () => {
        isOver = true;
        ring();
      }),
    );
    this.#state = 'about to look';
    return isOver;
  }

  #restMs(): number {
    const ms = this.#lane === 0 ? this.#pollMs : REST_MS;
    return ms * (1 + this.#engine.ambient.random() / 2);
  }
}
