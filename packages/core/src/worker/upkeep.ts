import type { Engine } from '../queue/engine.ts';
import { Sweeper } from '../queue/sweeper.ts';
import type { Logger } from '../telemetry/logger.ts';
import { systemProcesses } from './process-identity.ts';
import { repeat } from './repeat.ts';
import { Rescuer } from './rescuer.ts';
import type { WorkerOptions } from './worker-options.ts';

/** Seldom enough that an idle worker, with its polls and beats, asks its store for one thing a second at most. */
const SWEEP_MS = 30_000;
const TIDY_MS = 300_000;
/** So many looks at the others in a lease. */
const LOOKS = 8;

/** What every worker does for the whole fleet besides running tasks: rescue, sweep, tidy. Two at once do no harm. */
export class Upkeep {
  readonly #engine: Engine;
  readonly #leaseMs: number;
  readonly #logger: Logger;
  readonly #rescuer: Rescuer;
  readonly #sweeper: Sweeper;
  #stops: readonly (() => void)[] = [];

  constructor(engine: Engine, { leaseMs, processes = systemProcesses, retention }: WorkerOptions, logger: Logger) {
    this.#engine = engine;
    this.#leaseMs = leaseMs;
    this.#logger = logger;
    this.#rescuer = new Rescuer(engine, leaseMs, processes);
    this.#sweeper = new Sweeper(engine, retention);
  }

  /** What a dead worker held goes back, and what it had ended but not passed on to its children is released. */
  async rescue(): Promise<void> {
    if ((await this.#rescuer.look()) > 0) await this.#sweeper.sweep();
  }

  start(): void {
    this.#stops = [
      this.#every(this.#leaseMs / LOOKS, () => this.rescue()),
      this.#every(SWEEP_MS, () => this.#sweeper.sweep()),
      this.#every(TIDY_MS, () => this.#sweeper.tidy()),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #every(ms: number, work: () => Promise<void>): () => void {
    return repeat(this.#engine.ambient, ms, work, (error) =>
      this.#logger.warn({ err: error }, 'upkeep failed; it is repeated'),
    );
  }
}
