import type { StoreKind } from '@omniq/testkit/storage';

/** A bug: one place of the source, and what stands there instead. */
export interface Mutant {
  readonly name: string;
  readonly store: StoreKind;
  /** Below `packages/`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Bugs of one file, each with its name, its place, and what stands there instead. */
export function inFile(
  file: string,
  store: StoreKind,
  bugs: readonly (readonly [name: string, find: string, replace: string])[],
): Mutant[] {
  return bugs.map(([name, find, replace]) => ({ name, store, file, find, replace }));
}
