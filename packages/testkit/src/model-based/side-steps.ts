import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Backend, ScheduleRow } from '@omniq/core/storage';
import { digit, oneOf, type WeightedStep } from './pick.ts';
import { ids, recordKeys, scheduleIds } from './spaces.ts';
import type { Ability, Step, Ttl, Which } from './step.ts';

const is = <V extends Step['verb']>(verb: V): Arbitrary<V> => fc.constant(verb);
const which = oneOf<Which>('last', 'last', 'former', 'strange');
const whichIfAny: Arbitrary<Which | null> = fc.option(which, { freq: 2 });
const ttl = oneOf<Ttl>(null, 5, 0, 30);

/** Steps on results, schedules and records, where both sides keep them. */
export function sideSteps(stores: readonly (keyof Backend)[]): readonly WeightedStep[] {
  return [
    ...(stores.includes('results') ? resultSteps : []),
    ...(stores.includes('schedules') ? scheduleSteps : []),
    ...(stores.includes('records') ? recordSteps : []),
  ];
}

const id = oneOf(...ids);

const resultSteps: readonly WeightedStep[] = [
  { weight: 1, arbitrary: fc.record({ verb: is('putResult'), id, lease: which, value: digit, ttl }) },
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc.record({ verb: is('removeResults'), id, below: whichIfAny }),
      fc.record({ verb: is('sweepResults'), limit: oneOf(1, 9) }),
    ),
  },
];

const scheduleSteps: readonly WeightedStep[] = [
  {
    weight: 2,
    arbitrary: fc.record({
      verb: is('putSchedule'),
      row: fc.record({
        id: oneOf(...scheduleIds),
        state: oneOf<ScheduleRow['state']>('active', 'paused', 'ended'),
        due: oneOf<Ttl>(null, 0, 5, 30),
        body: digit,
      }),
      over: whichIfAny,
    }),
  },
  { weight: 1, arbitrary: fc.record({ verb: is('removeSchedule'), id: oneOf(...scheduleIds) }) },
];

const recordSteps: readonly WeightedStep[] = [
  {
    weight: 2,
    arbitrary: fc.record({
      verb: is('putRecord'),
      key: oneOf(...recordKeys),
      value: digit,
      over: oneOf<Which | null | 'any'>('any', null, 'last', 'former', 'strange'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      verb: is('deleteRecord'),
      key: oneOf(...recordKeys),
      over: oneOf<Which | 'any'>('any', 'last', 'former', 'strange'),
    }),
  },
];

/** Requests for what the store under test says it cannot do. */
export function refusedSteps(abilities: readonly Ability[]): readonly WeightedStep[] {
  if (abilities.length === 0) return [];
  return [{ weight: 1, arbitrary: fc.record({ verb: is('ask'), of: oneOf(...abilities), id }) }];
}
