/** How long after a fault the fleet works at its usual rate again. */
export class Recovery {
  readonly #now: () => number;
  /** When how much had been done, over the last seconds. */
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
    while ((this.#samples[0]?.at ?? at) < at - 1_000) this.#samples.shift();
    if (this.#faultEndedAt === null || this.rate() < 0.9 * this.#usual) return;
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

  faultEnded(): void {
    // One that strikes before the last was got over counts from the first.
    this.#faultEndedAt ??= this.#now();
    this.#samples = [];
  }

  /** Tasks a second, over the last second. */
  rate(): number {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < 500) return 0;
    return ((last.done - first.done) / (last.at - first.at)) * 1_000;
  }
}
