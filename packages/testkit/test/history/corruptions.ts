import type { Leased, RuleName, Snapshot } from '@omniq/testkit/history';
import {
  append,
  calls,
  drop,
  grants,
  grantsOf,
  intrude,
  isOk,
  overlap,
  pick,
  plain,
  spans,
  SURE,
  type Copy,
  type Fields,
  type Held,
  type Random,
} from './written-copy.ts';

/** A written history with one thing changed, which breaks this rule; or that and others in its wake. */
export interface Corruption {
  readonly rule: RuleName;
  readonly title: string;
  /** Changes `records` in place; `null` where the history offers no chance. */
  readonly apply: (written: Copy, random: Random) => { readonly snapshot?: Snapshot } | null | undefined;
}

const done = {};
const END = 9_000_000_000;

export const corruptions: readonly Corruption[] = [
  {
    rule: 'lost',
    title: 'a task is gone from the store',
    apply(copy, random) {
      const known = calls(copy, 'enqueue').filter(({ outcome }) => outcome?.['status'] === 'inserted');
      const one = pick(known, random);
      return one && { snapshot: new Map([...copy.snapshot].filter(([id]) => id !== one.invoke.id)) };
    },
  },
  {
    rule: 'lost',
    title: 'a task is left waiting',
    apply(copy, random) {
      const one = pick(
        [...copy.snapshot.keys()].filter((id) =>
          calls(copy, 'enqueue').some((call) => call.invoke.id === id && isOk(call)),
        ),
        random,
      );
      return one === undefined ? null : { snapshot: new Map([...copy.snapshot, [one, 'waiting']]) };
    },
  },
  {
    rule: 'invented',
    title: 'nobody enqueued what ran',
    apply(copy, random) {
      const one = pick(grants(copy), random);
      if (one === undefined) return null;
      drop(
        copy,
        calls(copy, 'enqueue').filter(({ invoke }) => invoke.id === one.leased.id),
      );
      return done;
    },
  },
  {
    rule: 'invented',
    title: 'another payload',
    apply(copy, random) {
      const one = pick(grants(copy), random);
      if (one === undefined) return null;
      one.leased.digest = 'bytes:other';
      return done;
    },
  },
  {
    rule: 'stale-settle',
    title: 'a zombie is not refused',
    apply(copy, random) {
      const left = new Set(
        calls(copy, 'settle')
          .filter(isOk)
          .map(({ invoke }) => `${invoke.id} ${String(invoke['lease'])}`),
      );
      const wasEnded = new Set(
        calls(copy, 'settle')
          .filter((call) => isOk(call) && call.invoke.to !== 'waiting')
          .map(({ invoke }) => `${invoke.id} ${String(invoke['lease'])}`),
      );
      const refused = calls(copy, 'settle').filter(({ outcome, invoke }) => {
        const key = `${invoke.id} ${String(invoke['lease'])}`;
        return outcome?.phase === 'refused' && left.has(key) && !wasEnded.has(key);
      });
      const one = pick(refused, random)?.outcome;
      if (one === undefined) return null;
      one.phase = 'ok';
      return done;
    },
  },
  {
    rule: 'double-terminal',
    title: 'an end is accepted again',
    apply(copy, random) {
      const redriven = new Set(calls(copy, 'redrive').map(({ invoke }) => invoke.id));
      const ended = calls(copy, 'settle').filter((call) => isOk(call) && call.invoke.to === 'completed');
      const one = pick(
        ended.filter(({ invoke }) => !redriven.has(invoke.id)),
        random,
      );
      if (one === undefined) return null;
      append(copy, one.source, one.invoke, END);
      return done;
    },
  },
  {
    rule: 'run-after-end',
    title: 'what ended is claimed again',
    apply(copy, random) {
      const one = pick(
        plain(copy).filter(({ invoke }) => copy.snapshot.get(invoke.id) === 'completed'),
        random,
      );
      const last = one && grantsOf(copy, one.invoke.id).at(-1);
      const isKnown =
        last &&
        calls(copy, 'settle').some(
          (call) => isOk(call) && call.invoke.id === last.leased.id && call.invoke['lease'] === last.leased.lease,
        );
      if (!isKnown) return null;
      const leased = { ...last.leased, lease: last.leased.lease + 100_000 };
      append(copy, last.claim.source, { ...last.claim.invoke, request: 99_999, now: END }, END, {
        phase: 'ok',
        leased: [leased],
      });
      return done;
    },
  },
  {
    rule: 'lease',
    title: 'a lease is granted twice',
    apply(copy, random) {
      const one = pick(grants(copy), random);
      if (one === undefined) return null;
      const act = { ...one.claim.invoke, session: 'somebody', queues: [], now: END };
      append(copy, one.claim.source, act, END, { phase: 'ok', leased: [one.leased] });
      return done;
    },
  },
  {
    rule: 'overlap',
    title: 'nobody gave up a lease that was followed by another',
    apply(copy, random) {
      const again = grants(copy).filter(({ leased }) =>
        grantsOf(copy, leased.id).some((each) => each.leased.lease > leased.lease),
      );
      const one = pick(again, random);
      if (one === undefined) return null;
      drop(
        copy,
        calls(copy, 'settle').filter(
          ({ invoke }) => invoke.id === one.leased.id && invoke['lease'] === one.leased.lease,
        ),
      );
      return done;
    },
  },
  {
    rule: 'early',
    title: 'due later than it was taken',
    apply(copy, random) {
      const one = pick(
        plain(copy).filter(({ invoke }) => grantsOf(copy, invoke.id).length > 0),
        random,
      );
      const first = one && grantsOf(copy, one.invoke.id)[0];
      const hidden =
        one &&
        calls(copy, 'settle').some(
          ({ invoke }) => invoke.id === one.invoke.id && Number(invoke['lease']) < Number(first?.leased.lease),
        );
      if (first === undefined || hidden) return null;
      one!.invoke['runAt'] = Number(first.claim.invoke['now']) + 1;
      return done;
    },
  },
  {
    rule: 'expired',
    title: 'expired before it was taken',
    apply(copy, random) {
      const one = pick(
        plain(copy).filter(({ invoke }) => grantsOf(copy, invoke.id).length > 0),
        random,
      );
      const last = one && grantsOf(copy, one.invoke.id).at(-1);
      if (last === undefined) return null;
      one!.invoke['expiresAt'] = last.claim.invoke['now'];
      return done;
    },
  },
  {
    rule: 'cancelled',
    title: 'cancelled long before it was taken',
    apply(copy, random) {
      const one = pick(
        plain(copy).filter(({ invoke }) => grantsOf(copy, invoke.id).length > 0),
        random,
      );
      const last = one && grantsOf(copy, one.invoke.id).at(-1);
      if (last === undefined) return null;
      intrude(copy, 'operator', { op: 'cancel', id: last.leased.id }, last.claim.invoke.at - SURE);
      return done;
    },
  },
  {
    rule: 'paused',
    title: 'paused long before it was claimed from',
    apply(copy, random) {
      const resumed = calls(copy, 'configure').filter(({ invoke }) => invoke['paused'] === false);
      const calm = grants(copy).filter(({ claim, leased }) =>
        resumed.every(
          ({ invoke, outcome }) =>
            invoke['queue'] !== leased.queue ||
            invoke.at > Number(claim.outcome?.at) + SURE ||
            (isOk({ source: '', invoke, outcome }) && Number(outcome?.at) < claim.invoke.at - 2 * SURE),
        ),
      );
      const one = pick(calm, random);
      if (one === undefined) return null;
      intrude(copy, 'operator', { op: 'configure', queue: one.leased.queue, paused: true }, one.claim.invoke.at - SURE);
      return done;
    },
  },
  {
    rule: 'order',
    title: 'a task of the highest priority was passed over',
    apply(copy, random) {
      const claims = calls(copy, 'claim');
      const unanswered =
        claims.find(({ outcome }) => outcome === undefined || outcome.phase === 'unknown')?.invoke.call ??
        Number.POSITIVE_INFINITY;
      if (new Set(claims.map(({ source }) => source)).size !== 1) return null;
      const passed = plain(copy).filter(({ invoke, outcome }) => {
        if (
          invoke['queue'] !== 'a' ||
          invoke['orderKey'] !== undefined ||
          invoke['limitKey'] !== undefined ||
          invoke['expiresAt'] !== null
        )
          return false;
        const first = grantsOf(copy, invoke.id)[0];
        return claims.some((claim) => {
          const took =
            (claim.outcome?.['leased'] as Leased[] | undefined)?.some((leased) => isJudged(copy, leased)) ?? false;
          const waited =
            claim.invoke.at > Number(outcome?.at) + SURE && Number(claim.invoke['now']) >= Number(invoke['runAt']);
          const before = claim.invoke.call < Math.min(unanswered, first?.claim.invoke.call ?? 0);
          return took && waited && before && isOk(claim);
        });
      });
      const one = pick(passed, random);
      if (one === undefined) return null;
      one.invoke['priority'] = 1_000;
      return done;
    },
  },
  {
    rule: 'limit',
    title: 'fewer might have run at once',
    apply(copy, random) {
      const queue = pick(['a', 'b'], random) as string;
      const held = spans(copy).filter((span) => span.queue === queue);
      if (!held.some((one) => held.some((other) => overlap(one, other)))) return null;
      drop(
        copy,
        calls(copy, 'configure').filter(({ invoke }) => invoke['queue'] === queue),
      );
      intrude(copy, 'operator', { op: 'configure', queue, concurrency: 1 }, 1_000);
      return done;
    },
  },
  {
    rule: 'order-key',
    title: 'two that ran at once have one key',
    apply: (copy, random) => paired(copy, random, spans(copy), (invoke) => (invoke['orderKey'] = 'the same')),
  },
  {
    rule: 'unique',
    title: 'two that lived at once have one key',
    apply: (copy, random) =>
      paired(copy, random, spans(copy), (invoke) => (invoke['unique'] = { key: 'the same', until: null })),
  },
  {
    rule: 'attempts',
    title: 'all attempts were spent before',
    apply(copy, random) {
      const one = pick(grants(copy), random);
      if (one === undefined) return null;
      one.leased.attempt = 3;
      return done;
    },
  },
  {
    rule: 'slot',
    title: 'one slot, two tasks',
    apply(copy) {
      for (const id of ['x', 'y']) append(copy, 'p0', { op: 'fire', schedule: 's', slot: 1, id }, END);
      return done;
    },
  },
];

function paired(copy: Copy, random: Random, held: readonly Held[], change: (invoke: Fields) => void): object | null {
  const pairs = held.flatMap((one) => held.filter((other) => overlap(one, other)).map((other) => [one, other]));
  const pair = pick(pairs, random);
  if (pair === undefined) return null;
  for (const { enqueue } of pair) change(enqueue.invoke);
  return done;
}

/** Whether the checker knows how it stood in line when it was taken first. */
function isJudged(copy: Copy, { id, queue, lease }: Leased): boolean {
  const enqueue = plain(copy).find(({ invoke }) => invoke.id === id)?.invoke;
  const isFirst = grantsOf(copy, id)[0]?.leased.lease === lease;
  const isLowest = calls(copy, 'settle').every(({ invoke }) => invoke.id !== id || Number(invoke['lease']) >= lease);
  return (
    queue === 'a' &&
    enqueue !== undefined &&
    enqueue['orderKey'] === undefined &&
    enqueue['limitKey'] === undefined &&
    isFirst &&
    isLowest
  );
}
