import { sleep, type Ambient } from '@omniq/core/storage';

/** A writer seen within this time may want the next number too. */
const ACTIVE_MS = 1_500;
/** How much the last append counts in the mean of their time. */
const WEIGHT = 0.2;
/** So many entries in a row one writer may have while others are about. */
const STREAK = 4;

/**
 * Who goes next where writers number the entries. Of several that try the same number one wins; left to chance it can be
 * the same one for seconds. So they stand in a ring: whoever lost lets those pass that stand between the last writer and
 * itself, for as long as an append takes each, and whoever has won several times in a row lets all others pass.
 */
export class Turns {
  readonly #me: string;
  readonly #ambient: Ambient;
  readonly #seen = new Map<string, number>();
  #last = '';
  #streak = 0;
  #appendMs = 1;

  constructor(me: string, ambient: Ambient) {
    this.#me = me;
    this.#ambient = ambient;
  }

  /** An entry of this writer was folded. */
  saw(writer: string): void {
    this.#streak = writer === this.#last ? this.#streak + 1 : 1;
    this.#last = writer;
    this.#seen.set(writer, this.#ambient.clock.monotonic());
  }

  /** An append of our own took so long. */
  took(ms: number): void {
    this.#appendMs += (ms - this.#appendMs) * WEIGHT;
  }

  /** Before a new entry: lets the others pass after several of our own. */
  async give(): Promise<void> {
    if (this.#last !== this.#me || this.#streak < STREAK) return;
    this.#streak = 0;
    await this.#wait(this.#ring().length - 1);
  }

  /** After a number was lost: lets those pass who come first. */
  async queue(): Promise<void> {
    const ring = this.#ring();
    const distance = ring.indexOf(this.#me) - ring.indexOf(this.#last);
    await this.#wait((distance + ring.length - 1) % ring.length);
  }

  async #wait(turns: number): Promise<void> {
    if (turns > 0) await sleep(this.#ambient.timers, turns * this.#appendMs);
  }

  /** Everyone about, in an order that is the same for all. */
  #ring(): string[] {
    const since = this.#ambient.clock.monotonic() - ACTIVE_MS;
    for (const [writer, at] of this.#seen) if (at < since) this.#seen.delete(writer);
    return [...new Set([...this.#seen.keys(), this.#me])].sort();
  }
}
