/** Those who want to be woken when a task may have become claimable, or ended. */
export class Bells {
  readonly #listeners = new Set<() => void>();

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  add(wake: () => void): () => void {
    // One entry for each call, even of the same function.
    const listener = (): void => wake();
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  ring(): void {
    for (const listener of this.#listeners) listener();
  }
}
