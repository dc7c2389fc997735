/** Gathers the adds of a tick into batches; each caller still awaits the commit of its own. */
export class Coalescer {
  readonly #write: (payloads: string[]) => Promise<void>;
  readonly #lanes: number;
  readonly #largest: number;
  #waiting: { payload: string; resolve: () => void; reject: (cause: unknown) => void }[] = [];
  #inFlight = 0;
  #scheduled = false;

  constructor(write: (payloads: string[]) => Promise<void>, { lanes, largest }: { lanes: number; largest: number }) {
    this.#write = write;
    this.#lanes = lanes;
    this.#largest = largest;
  }

  add(payload: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ payload, resolve, reject });
      if (this.#scheduled || this.#inFlight >= this.#lanes) return;
      this.#scheduled = true;
      queueMicrotask(() => this.#next());
    });
  }

  #next(): void {
    this.#scheduled = false;
    while (this.#waiting.length > 0 && this.#inFlight < this.#lanes) void this.#flush();
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting.splice(0, this.#largest);
    this.#inFlight += 1;
    try {
      await this.#write(batch.map(({ payload }) => payload));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#inFlight -= 1;
      if (!this.#scheduled) queueMicrotask(() => this.#next());
    }
  }
}
