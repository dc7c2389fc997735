const WINDOW_MS = 1_000;
/** The usual rate is that of a longer time: how a fleet starts is not how it works. */
const USUAL_MS = 3_000;

/** How long after a fault the fleet works at its usual rate again; never less than half a second, as rates take time. */
export class Recovery {
  readonly #now: () => number;
  #samples: { readonly at: number; readonly done: number }[] = [];
  #usual = 0;
  #faultEndedAt: number | null = null;
  readonly times: number[] = [];

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  sample(done: number): void {
    const at = this.#now();
    this.#samples.push({ at, done });
    const windowMs = this.#usual === 0 ? USUAL_MS : WINDOW_MS;
    while ((this.#samples[0]?.at ?? at) < at - windowMs) this.#samples.shift();
    if (this.#faultEndedAt === null || this.rate() === 0 || this.rate() < 0.9 * this.#usual) return;
    this.times.push(at - this.#faultEndedAt);
    this.#faultEndedAt = null;
  }

  /** From now on faults strike: what the rate was until now is the usual one. */
  begin(): void {
    this.#usual = this.rate();
  }

  get usual(): number {
    return this.#usual;
  }

  /** Whether the last fault is not got over yet. */
  get isPending(): boolean {
    return this.#faultEndedAt !== null;
  }

  faultEnded(): void {
    // One that strikes before the last was got over counts from the first.
    this.#faultEndedAt ??= this.#now();
    this.#samples = [];
  }

  /** Tasks a second, lately. */
  rate(): number {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < 500) return 0;
    return ((last.done - first.done) / (last.at - first.at)) * 1_000;
  }
}
