import { OmniQError } from '@omniq/core/storage';
import type { EntryHeader } from '../wire/entry.ts';

/** So many of the last digests are kept, to compare with those that entries carry. */
const KEPT = 1_024;

/** What each of the last entries led to, in a number: replicas that come to different ones must not go on. */
export class Digests {
  #last: number;
  readonly #ring: { readonly position: number; readonly digest: number }[] = [];

  constructor(position: number, digest: number) {
    this.#last = digest;
    this.#ring[position % KEPT] = { position, digest };
  }

  get last(): number {
    return this.#last;
  }

  add(position: number, digest: number): void {
    this.#last = digest >>> 0;
    this.#ring[position % KEPT] = { position, digest: this.#last };
  }

  /**
   * A writer says how far it had folded, and to which digest.
   * @throws OmniQError `STORE_CORRUPT`
   */
  compare({ writer, base, digest }: EntryHeader): void {
    const own = this.#ring[base % KEPT];
    if (own === undefined || own.position !== base || own.digest === digest) return;
    throw new OmniQError('STORE_CORRUPT', `Two replicas of the log disagree about their state at entry ${base}.`, {
      hint: 'Stop the workers, keep a copy of the log, and report it: this is a bug, or the log was changed by hand.',
      position: base,
      writer,
    });
  }
}
