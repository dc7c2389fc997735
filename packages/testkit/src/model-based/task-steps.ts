import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { carried, changeSpec, underLease, usual } from './change-specs.ts';
import { mostly, oneOf, present, rarely, type WeightedStep } from './pick.ts';
import { rowSpecs } from './row-specs.ts';
import type { Reach } from './reach.ts';
import { ids, lanes, queues, sessions } from './spaces.ts';
import type { ChangeBody, ChangeSpec, ClaimSpec, SettingsSpec, Step } from './step.ts';

const id = oneOf(...ids);
/** A client whose clock is a little behind. */
const lag: Arbitrary<number> = fc.oneof(
  { withCrossShrink: true },
  { weight: 9, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: oneOf(1, 4) },
);

const claimSpec: Arbitrary<ClaimSpec> = fc
  .record({
    session: fc.oneof({ weight: 9, arbitrary: mostly(['s1', 's2']) }, { weight: 1, arbitrary: oneOf(...sessions) }),
    lane: mostly(lanes),
    request: oneOf<ClaimSpec['request']>('next', 'next', 'next', 'next', 'again', 'older'),
    queues: oneOf<readonly string[]>(['a', 'b'], ['b', 'a'], ['a'], ['b']),
    limit: oneOf(3, 1, 2, 8),
    start: oneOf(8, 0, 1),
  })
  .map((spec) => ({ ...spec, start: Math.min(spec.start, spec.limit) }));

const is = <V extends Step['verb']>(verb: V): Arbitrary<V> => fc.constant(verb);

/** Steps on tasks, each with how often it comes. */
export function taskSteps(can: Reach, canSwap: boolean): readonly WeightedStep[] {
  const changes = changeSpecs(can);
  return [
    { weight: 9, arbitrary: fc.record({ verb: is('insert'), rows: rowSpecs(can), lag }) },
    { weight: 8, arbitrary: fc.record({ verb: is('claim'), claim: claimSpec, lag }) },
    { weight: 8, arbitrary: fc.record({ verb: is('update'), changes, lag }) },
    { weight: 6, arbitrary: settleStep(can) },
    { weight: canSwap ? 3 : 0, arbitrary: fc.record({ verb: is('swap'), changes, claim: claimSpec }) },
    { weight: 4, arbitrary: fc.record({ verb: is('pass'), ms: oneOf(1, 4, 20, 100) }) },
    ...adminSteps(can),
  ];
}

function changeSpecs(can: Reach): Arbitrary<ChangeSpec[]> {
  const some = fc.array(changeSpec(can), { minLength: 1, maxLength: 4 });
  const alike = fc
    .tuple(usual, fc.shuffledSubarray([...ids], { minLength: 2 }))
    .map(([what, each]) => each.map((of): ChangeSpec => ({ id: of, ...what })));
  return fc.oneof({ weight: 2, arbitrary: some }, { weight: 1, arbitrary: alike });
}

function settleStep(can: Reach): Arbitrary<Step> {
  const body = fc.tuple(underLease, carried(can)).map(([set, rest]): ChangeBody => ({ set, ...rest }));
  const odd = fc.record({ at: oneOf(0, 1, 2), set: underLease, uncancelled: oneOf(false, true) });
  return fc
    .record({
      verb: is('settle'),
      session: mostly(['s1', 's2']),
      lane: mostly(lanes),
      all: body,
      uncancelled: oneOf(false, true),
      odd: rarely(odd, 4),
    })
    .map((step) => present(step) as Step);
}

function adminSteps(can: Reach): readonly WeightedStep[] {
  const session = oneOf(...sessions);
  const remember = oneOf(40, 0, 3);
  const beats = oneOf<'current' | 'old' | 'any'>('current', 'old', 'any');
  const some = fc.array(id, { minLength: 1, maxLength: 6 });
  return [
    { weight: 2, arbitrary: fc.record({ verb: is('remove'), ids: some, remember }) },
    { weight: 1, arbitrary: fc.record({ verb: oneOf<'open' | 'beat'>('open', 'beat', 'beat'), session }) },
    { weight: 1, arbitrary: fc.record({ verb: is('end'), session, beats }) },
    { weight: 1, arbitrary: fc.record({ verb: is('configure'), queue: oneOf(...queues), settings: settings(can) }) },
  ];
}

function settings(can: Reach): Arbitrary<SettingsSpec> {
  const paused = fc.record({ paused: oneOf(false, true) });
  if (!can.limits) return paused;
  return fc.oneof(paused, fc.record({ concurrency: oneOf(null, 1, 2) }), fc.record({ perKey: oneOf(null, 1) }));
}
