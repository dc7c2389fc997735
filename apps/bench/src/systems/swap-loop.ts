/** What a {@link SwapLoop} needs of a store: settle a batch and claim the next in one go. */
export interface SwapSource<Held> {
  swap(held: readonly Held[], lane: number): Promise<readonly Held[]>;
  /** Resolves after a wake-up, or after a second at most. Called once a swap came back empty. */
  idle(): Promise<void>;
}

/** The smallest worker: per lane, run what was claimed, then swap it for the next batch. */
export class SwapLoop<Held> {
  readonly #source: SwapSource<Held>;
  #lanes: Promise<void>[] = [];
  #stopped = false;

  constructor(source: SwapSource<Held>) {
    this.#source = source;
  }

  start(lanes: number, run: (held: Held) => void): void {
    this.#lanes = Array.from({ length: lanes }, (_, lane) => this.#loop(lane, run));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#lanes);
  }

  async #loop(lane: number, run: (held: Held) => void): Promise<void> {
    let held: readonly Held[] = [];
    while (!this.#stopped || held.length > 0) {
      const next = await this.#source.swap(held, lane);
      if (next.length === 0 && held.length === 0 && !this.#stopped) await this.#source.idle();
      held = next;
      for (const task of held) run(task);
    }
  }
}
