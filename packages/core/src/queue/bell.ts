/** Wakes whoever waits. A ring with nobody waiting is kept for the next one that does. */
export class Bell {
  #rung = false;
  #wake: (() => void) | null = null;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves at the next ring, or at once if it rang since the last wait; `arm` may set a timer that rings as well. */
  async wait(arm: (ring: () => void) => () => void): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const disarm = arm(() => this.ring());
        this.#wake = () => {
          this.#wake = null;
          disarm();
          resolve();
        };
      });
    }
    this.#rung = false;
  }
}
