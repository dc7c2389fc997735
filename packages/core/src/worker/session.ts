import { uuidv7 } from 'uuidv7';
import { isOmniQError } from '../errors.ts';
import type { Engine } from '../queue/engine.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** While tasks run, a beat a second carries cancels; an idle worker beats every third of its lease. */
const BUSY_BEAT_MS = 1_000;

export interface SessionHooks {
  /** Whether any task is held. */
  busy(): boolean;
  /** Tasks that somebody asked to cancel. */
  cancelled(ids: readonly string[]): void;
  /** The session was ended by others; a new one is open already. */
  lost(): void;
  /** The store counts this many leases. */
  leases(count: number): void;
}

/** A worker's liveness: one small write for all tasks it holds. */
export class Session {
  readonly #engine: Engine;
  readonly #leaseMs: number;
  readonly #identity: ProcessIdentity;
  readonly #hooks: SessionHooks;
  #id = uuidv7();
  #lastBeat = 0;
  #cancelTick: (() => void) | null = null;
  #beating: Promise<void> | null = null;

  constructor(engine: Engine, leaseMs: number, identity: ProcessIdentity, hooks: SessionHooks) {
    this.#engine = engine;
    this.#leaseMs = leaseMs;
    this.#hooks = hooks;
    this.#identity = identity;
  }

  get id(): string {
    return this.#id;
  }

  async open(): Promise<void> {
    await this.#engine.stores.tasks.open({ id: this.#id, ...this.#identity }, this.#engine.clock.now());
    this.#lastBeat = this.#engine.ambient.clock.monotonic();
    this.#tickLater();
  }

  /** Opens a new session in place of one that was ended; of callers at the same time one does it. */
  async renew(ended: string): Promise<void> {
    if (ended !== this.#id) return;
    this.#id = uuidv7();
    this.#hooks.lost();
    await this.#engine.stores.tasks.open({ id: this.#id, ...this.#identity }, this.#engine.clock.now());
  }

  async close(): Promise<void> {
    this.#cancelTick?.();
    await this.#beating;
    await this.#engine.stores.tasks.end(this.#id);
  }

  #tickLater(): void {
    const ms = Math.min(BUSY_BEAT_MS, this.#leaseMs / 3);
    this.#cancelTick = this.#engine.ambient.timers.after(ms, () => {
      this.#tickLater();
      const since = this.#engine.ambient.clock.monotonic() - this.#lastBeat;
      if (this.#beating === null && (this.#hooks.busy() || since >= this.#leaseMs / 3 - ms / 2)) this.#beat();
    });
  }

  #beat(): void {
    this.#beating = this.#beatOnce()
      .catch((error: unknown) =>
        this.#engine.logger.warn({ err: error, session: this.#id }, 'the heartbeat was not answered'),
      )
      .finally(() => {
        this.#beating = null;
      });
  }

  async #beatOnce(): Promise<void> {
    const session = this.#id;
    try {
      const reply = await this.#engine.stores.tasks.beat(session, this.#engine.clock.now());
      this.#lastBeat = this.#engine.ambient.clock.monotonic();
      if (!reply.live) return await this.renew(session);
      if (reply.cancelled.length > 0) this.#hooks.cancelled(reply.cancelled);
      this.#hooks.leases(reply.leases);
    } catch (error) {
      if (!isOmniQError(error, 'SESSION_ENDED')) throw error;
      await this.renew(session);
    }
  }
}
