import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Arena } from './arena.ts';
import type { Started } from './compare-concurrent.ts';
import type { Scripted } from './compare-sequence.ts';
import type { WeightedStep } from './pick.ts';
import type { Fault } from './side.ts';
import { refusedSteps, sideSteps } from './side-steps.ts';
import type { Step } from './step.ts';
import { taskSteps } from './task-steps.ts';

/** One command after the other. */
export function sequential(arena: Arena, steps: number): Arbitrary<Scripted[]> {
  return list(
    anyStep(arena).map((step): Scripted => ({ step })),
    steps,
  );
}

/** The same, and now and then the network fails. */
export function faulty(arena: Arena, steps: number): Arbitrary<Scripted[]> {
  const fault = fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constant<Fault>('before') },
    { weight: 2, arbitrary: fc.constant<Fault>('after') },
  );
  return list(fc.record({ step: anyStep(arena), fault }), steps);
}

/** Batches of one to four commands that are under way together; each begins after so many turns of the event loop. */
export function concurrent(arena: Arena, steps: number): Arbitrary<Started[][]> {
  const turns = fc.constantFrom(0, 0, 1, 2);
  const started = fc.record({ step: commands(arena), turns });
  const alone = fc.array(started, { minLength: 1, maxLength: 1 });
  const together = fc.array(started, { minLength: 2, maxLength: 4, size: 'max' });
  // What two do to the same thing at the same time is what goes wrong.
  const twins = fc.tuple(started, turns).map(([one, later]) => [one, { ...one, turns: later }]);
  const batch = fc.oneof(
    { weight: 4, arbitrary: alone },
    { weight: 1, arbitrary: together },
    { weight: 1, arbitrary: twins },
  );
  return list(batch, Math.ceil(steps / 2));
}

function anyStep(arena: Arena): Arbitrary<Step> {
  const look = { weight: 1, arbitrary: fc.constant<Step>({ verb: 'look' }) };
  return fc.oneof({ withCrossShrink: true }, ...weighted(arena), ...refusedSteps(arena.refused), look);
}

function commands(arena: Arena): Arbitrary<Step> {
  return fc.oneof({ withCrossShrink: true }, ...weighted(arena));
}

function weighted({ can, stores, canSwap }: Arena): WeightedStep[] {
  return [...taskSteps(can, canSwap), ...sideSteps(stores)];
}

function list<T>(item: Arbitrary<T>, maxLength: number): Arbitrary<T[]> {
  // Shrinking leaves whole items out by itself: see `reduced`.
  return fc.array(item, { minLength: Math.ceil(maxLength / 2), maxLength, size: 'max' });
}
