import type { Engine } from '../queue/engine.ts';
import { Lane, type LaneHost } from './lane.ts';

/**
 * The conversations of a worker with its store. Over a network two are kept in flight, so that neither side idles while
 * the other works; where there is little to say, one says all of it.
 */
export class Lanes {
  readonly #lanes: readonly Lane[];
  readonly #ends: Promise<void>[] = [];

  constructor(engine: Engine, host: LaneHost, queues: readonly string[], pollMs: number) {
    const numbers = engine.stores.tasks.capabilities.shared === 'network' ? [0, 1] : [0];
    this.#lanes = numbers.map((lane) => new Lane(engine, host, lane, queues, pollMs));
  }

  run(): void {
    this.#ends.push(...this.#lanes.map((lane) => lane.run()));
  }

  /** There is something to settle or, maybe, to claim: one lane that is at rest looks, or else each when it is done. */
  ring(): void {
    if (this.#lanes.some(({ isAboutToLook }) => isAboutToLook)) return;
    const resting = this.#lanes.find(({ isResting }) => isResting);
    if (resting === undefined) this.ringAll();
    else resting.ring();
  }

  ringAll(): void {
    for (const lane of this.#lanes) lane.ring();
  }

  /** Resolves when all have nothing left to do. */
  async ended(): Promise<void> {
    await Promise.all(this.#ends);
  }
}
