import type { Which } from './step.ts';

/** Something that no correct store does, whatever another one says. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/**
 * The values that a store gave out for each key, oldest first: leases, revisions, tags. Their names, `#1`, `#2`, are
 * what is compared: the contract says which are equal and that numbers grow, not what they are.
 */
export class Book<V extends number | string> {
  readonly #what: string;
  readonly #given = new Map<string, V[]>();
  /** The values that one key alone may have, with that key. */
  readonly #owners: Map<V, string> | undefined;

  constructor(what: string, unique: 'unique' | 'shared' = 'shared') {
    this.#what = what;
    this.#owners = unique === 'unique' ? new Map() : undefined;
  }

  /** @throws Broken where a number did not grow, or was another key's before */
  learn(key: string, value: V): void {
    const given = this.#given.get(key) ?? [];
    if (given.includes(value)) return;
    const last = given.at(-1);
    if (typeof value === 'number' && last !== undefined && value < Number(last))
      throw new Broken(`The ${this.#what} of ${key} fell from ${last} to ${value}.`);
    const owner = this.#owners?.get(value);
    if (owner !== undefined) throw new Broken(`The ${this.#what} ${value} of ${key} was given to ${owner} before.`);
    this.#owners?.set(value, key);
    this.#given.set(key, [...given, value]);
  }

  of(key: string): readonly V[] {
    return this.#given.get(key) ?? [];
  }

  nameOf(key: string, value: V): string {
    const index = this.of(key).indexOf(value);
    return index < 0 ? 'strange' : `#${index + 1}`;
  }

  /** @param strange what is meant where there is no such value yet, and by `strange` */
  find(key: string, which: Which, strange: V): V {
    const given = this.of(key);
    return (which === 'strange' ? undefined : given.at(which === 'last' ? -1 : -2)) ?? strange;
  }
}
