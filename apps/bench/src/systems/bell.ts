/** Lets loops wait for a wake-up, or for a floor of one second. A ring before the wait is not lost. */
export class Bell {
  readonly #waiting = new Set<() => void>();
  #rung = false;

  ring(): void {
    this.#rung = this.#waiting.size === 0;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  async wait(limitMs = 1000): Promise<void> {
    if (this.#rung) {
      this.#rung = false;
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#waiting.add(resolve);
      timer = setTimeout(resolve, limitMs);
    }).finally(() => clearTimeout(timer));
    this.#waiting.clear();
  }
}
