import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Step } from './step.ts';

/** Steps, and how often they come. */
export interface WeightedStep {
  readonly weight: number;
  readonly arbitrary: Arbitrary<Step>;
}

/** One of these, the first the simplest; one that stands there twice comes twice as often. */
export function oneOf<T>(...values: readonly T[]): Arbitrary<T> {
  return fc.constantFrom(...values);
}

/** The first as often as not, as what is to meet has to be the same. */
export function mostly<T>([first, ...others]: readonly [T, ...T[]]): Arbitrary<T> {
  return oneOf(first, ...others, ...others.map(() => first));
}

/** Mostly nothing, and nothing is simpler. */
export function rarely<T>(arbitrary: Arbitrary<T>, weight = 1): Arbitrary<T | undefined> {
  return fc.oneof({ withCrossShrink: true }, { weight: 4, arbitrary: fc.constant(undefined) }, { weight, arbitrary });
}

/** Without the fields that are `undefined`. */
export function present<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}

export const digit: Arbitrary<number> = fc.integer({ min: 1, max: 9 });
