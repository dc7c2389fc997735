interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly weight: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers what callers give in one tick and sends it as one batch; while batches are under way the next one gathers.
 * Each caller still waits for its own commit. A lone caller loses nothing: its batch leaves at the end of its tick.
 */
export class Coalescer<Item, Outcome> {
  readonly #send: (items: readonly Item[]) => Promise<readonly Outcome[]>;
  readonly #limits: { readonly items: number; readonly weight: number };
  #waiting: Waiting<Item, Outcome>[] = [];
  #scheduled = false;
  #flying = 0;

  constructor(
    send: (items: readonly Item[]) => Promise<readonly Outcome[]>,
    limits: { readonly items: number; readonly weight: number },
  ) {
    this.#send = send;
    this.#limits = limits;
  }

  add(item: Item, weight: number): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, weight, resolve, reject });
      if (this.#scheduled || this.#flying > 0) return;
      this.#scheduled = true;
      process.nextTick(() => this.#flush());
    });
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#waiting.length === 0) return;
    const batch = this.#takeBatch();
    this.#flying += 1;
    this.#send(batch.map(({ item }) => item))
      .then(
        (outcomes) => batch.forEach(({ resolve }, index) => resolve(outcomes[index] as Outcome)),
        (error: unknown) => batch.forEach(({ reject }) => reject(error)),
      )
      .finally(() => {
        this.#flying -= 1;
        // The callers just answered get to add their next item first.
        if (this.#waiting.length > 0) process.nextTick(() => this.#flush());
      });
  }

  #takeBatch(): Waiting<Item, Outcome>[] {
    let weight = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      if (count === this.#limits.items || (count > 0 && weight + waiting.weight > this.#limits.weight)) break;
      weight += waiting.weight;
      count += 1;
    }
    if (count === this.#waiting.length) {
      const all = this.#waiting;
      this.#waiting = [];
      return all;
    }
    return this.#waiting.splice(0, count);
  }
}
