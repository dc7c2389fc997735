import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { StoredState } from '@omniq/core/storage';
import { digit, oneOf, present, rarely } from './pick.ts';
import { rowSpec } from './row-specs.ts';
import type { Reach } from './reach.ts';
import { endedStates, ids, states } from './spaces.ts';
import type { ChangeBody, ChangeSpec, SetSpec, Ttl, Which } from './step.ts';

const id = oneOf(...ids);
const ttl = oneOf<Ttl>(null, 5, 1, 30, 0);

/** What a run writes. */
export const underLease: Arbitrary<SetSpec> = fc.oneof(
  oneOf<SetSpec>(['complete'], ['fail'], ['retry', 0], ['retry', 3], ['handBack'], ['cancel']),
  oneOf<SetSpec>(['start'], ['extend', 7], ['progress', 1], ['askCancel'], ['nothing'], ['expiresAt', 4]),
);

const byState: Arbitrary<SetSpec> = fc.oneof(
  oneOf<SetSpec>(['cancel'], ['expire'], ['redrive'], ['askCancel'], ['handBack'], ['fail']),
  oneOf<SetSpec>(['priority', 5], ['priority', -5], ['runAt', -5], ['runAt', 3], ['expiresAt', 4], ['expiresAt', null]),
);

const someStates: Arbitrary<readonly StoredState[]> = oneOf<readonly StoredState[]>(
  ['waiting', 'blocked'],
  ['running'],
  endedStates,
  states,
  ['waiting'],
  ['blocked'],
);

type Guarded = Pick<ChangeSpec, 'guard' | 'set'>;
const when = (guarded: readonly StoredState[], set: SetSpec): Guarded => ({ guard: { states: guarded }, set });

/** What the core does to tasks from outside; the rest of what may be said of states is generated apart. */
export const usual: Arbitrary<Guarded> = oneOf<Guarded>(
  when(['waiting', 'blocked'], ['cancel']),
  when(endedStates, ['redrive']),
  when(endedStates, ['redrive']),
  when(['running'], ['askCancel']),
  when(['waiting', 'blocked'], ['expire']),
  when(['running'], ['handBack']),
);

const guarded: Arbitrary<Guarded> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      guard: fc.record({
        lease: oneOf<Which>('last', 'last', 'last', 'last', 'former', 'strange'),
        uncancelled: oneOf(false, true),
      }),
      set: underLease,
    }),
  },
  { weight: 4, arbitrary: usual },
  { weight: 2, arbitrary: fc.record({ guard: fc.record({ states: someStates }), set: byState }) },
  {
    weight: 3,
    arbitrary: fc.record({
      guard: fc.record({ edge: oneOf(0, 0, 1) }),
      set: oneOf<SetSpec>(['nothing'], ['nothing'], ['cancel']),
    }),
  },
);

/** What may come with a change. */
export function carried(can: Reach): Arbitrary<Omit<ChangeBody, 'set'>> {
  const nothing = fc.constant(undefined);
  return fc
    .record({
      result: can.results ? rarely(fc.record({ value: digit, ttl })) : nothing,
      record: rarely(digit),
      then: can.then ? rarely(fc.array(rowSpec(can), { minLength: 1, maxLength: 2 })) : nothing,
    })
    .map((body) => present(body) as Omit<ChangeBody, 'set'>);
}

/** A change of one task. */
export function changeSpec(can: Reach): Arbitrary<ChangeSpec> {
  return fc.tuple(id, guarded, carried(can)).map(([of, what, with_]) => ({ id: of, ...what, ...with_ }));
}
