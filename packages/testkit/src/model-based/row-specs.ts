import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { ParentPolicy } from '@omniq/core/storage';
import { digit, mostly, oneOf, present, rarely } from './pick.ts';
import type { Reach } from './reach.ts';
import { ids, keys, names, queues } from './spaces.ts';
import type { RowSpec, Ttl } from './step.ts';

const id = oneOf(...ids);
const policy = oneOf<ParentPolicy>('cancel', 'run', 'hold');

/** A task to insert, by a call or with a change. */
export function rowSpec(can: Reach): Arbitrary<RowSpec> {
  const parent = fc.record({ id, policy });
  const nothing = fc.constant(undefined);
  const keyTtl = oneOf<Ttl>(null, null, 1, 5, 30, 0);
  return fc
    .record({
      id,
      queue: rarely(oneOf(...queues.slice(1)), 3),
      name: rarely(oneOf(...names.slice(1))),
      priority: rarely(oneOf(5, -5), 3),
      runAt: rarely(oneOf(-5, 3, 20), 3),
      expiresAt: rarely(oneOf(4, 20, 0)),
      holdMs: rarely(oneOf(10)),
      // The later of `now` and the store's clock decides: where there is one, the time of the test is long over for it.
      admit: rarely(can.clock ? fc.constant(-1) : oneOf(-1, 0, 1)),
      unique: can.uniqueKeys ? rarely(fc.record({ key: mostly(keys), ttl: keyTtl }), 3) : nothing,
      orderKey: can.orderKeys ? rarely(oneOf(...keys), 2) : nothing,
      limitKey: rarely(oneOf(...keys)),
      parents: rarely(fc.uniqueArray(parent, { minLength: 1, maxLength: 2, selector: (each) => each.id }), 2),
      body: rarely(digit),
      spec: rarely(digit),
    })
    .map((spec) => present(spec) as RowSpec);
}

/** Tasks that are inserted together: of all kinds, or plain ones that lie side by side. */
export function rowSpecs(can: Reach): Arbitrary<readonly RowSpec[]> {
  const plain = fc
    .tuple(mostly(queues), fc.shuffledSubarray([...ids], { minLength: 2 }))
    .map(([queue, some]) => some.map((each): RowSpec => ({ id: each, queue })));
  // A parent that is not there refuses them all, so most families come whole.
  const family = fc
    .tuple(fc.shuffledSubarray([...ids], { minLength: 2, maxLength: 3 }), policy)
    .map(([some, how]) => some.map((each, at): RowSpec => childOf(each, some.slice(0, at), how)));
  return fc.oneof(
    { weight: 1, arbitrary: family },
    { weight: 2, arbitrary: fc.array(rowSpec(can), { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: plain },
  );
}

function childOf(child: string, parents: readonly string[], how: ParentPolicy): RowSpec {
  return parents.length === 0
    ? { id: child }
    : { id: child, parents: parents.map((each) => ({ id: each, policy: how })) };
}
