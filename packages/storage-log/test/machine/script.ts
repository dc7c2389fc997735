import fc from 'fast-check';
import { seeded } from '../log/seeded.ts';

/** A seed for the choices of each step: what fails shrinks to the steps that it takes. */
export type Script = readonly number[];

export function scripts(steps: number): fc.Arbitrary<Script> {
  return fc.array(fc.nat(), { minLength: 1, maxLength: steps, size: 'max' });
}

/** Numbers from 0 to 1, as `Math.random` gives them. */
export function drawnFrom(step: number): () => number {
  return seeded(step);
}
