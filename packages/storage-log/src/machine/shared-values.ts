import { bytesOf } from '../columns/bytes-column.ts';
import type { Bytes } from './piece.ts';

/** So many names are enough to share what is worth sharing. */
const MOST = 10_000;

/**
 * One text, or one run of bytes, for all tasks that have the same: queues, names and specs repeat over and over, and
 * each entry of a log brings its own. What is shared here is no part of the state.
 */
export class SharedValues {
  readonly #texts = new Map<string, string>();
  readonly #specs = new Map<string, Bytes>();
  /** The last spec that was given, and what it was exchanged for: a batch has mostly one. */
  #given: Bytes | null = null;
  #exchanged: Bytes | null = null;

  text(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size === MOST) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }

  /** @param name of the task: those of one name have mostly one spec */
  spec(name: string, spec: Bytes | null): Bytes | null {
    if (spec === this.#given || spec === null) return spec === null ? null : this.#exchanged;
    const known = this.#specs.get(name);
    const same = known !== undefined && areEqual(known, spec) ? known : spec;
    if (this.#specs.size === MOST) this.#specs.clear();
    if (same === spec) this.#specs.set(name, spec);
    this.#given = spec;
    this.#exchanged = same;
    return same;
  }
}

function areEqual(a: Bytes, b: Bytes): boolean {
  const [left, right] = [bytesOf(a), bytesOf(b)];
  return left !== undefined && right !== undefined && Buffer.compare(left, right) === 0;
}
