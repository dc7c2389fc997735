import { isTerminal } from '@omniq/core';
import type { Change } from '@omniq/core/storage';
import type { Settle, SettledState, Steer } from './record.ts';

/** What a change is about, or `null` for one that no rule looks at: an edge that goes, progress of a task at rest. */
export function describeChange(change: Change, now: number): Settle | Steer | null {
  const { guard } = change;
  if ('lease' in guard) return describeSettle(change, guard.lease, now);
  return 'states' in guard ? describeSteer(change, guard.states, now) : null;
}

function describeSettle({ id, set }: Change, lease: number, now: number): Settle {
  const { state = 'running', runAt, attempt, reason } = set;
  return {
    op: 'settle',
    id,
    lease,
    // No change leads a run into `blocked`.
    to: state === 'blocked' ? 'waiting' : state,
    ...(runAt === undefined ? {} : { runAt }),
    ...(attempt === undefined ? {} : { attempt }),
    ...(reason === undefined ? {} : { reason }),
    now,
  };
}

function describeSteer({ id, set }: Change, from: readonly string[], now: number): Steer {
  const { state, priority, runAt, expiresAt } = set;
  const revives = state === 'waiting' && from.some((each) => isTerminal(each as SettledState));
  const op = revives
    ? 'redrive'
    : state === 'cancelled' || set.cancelRequested === true
      ? 'cancel'
      : state === 'expired'
        ? 'expire'
        : 'edit';
  return {
    op,
    id,
    ...(set.cancelRequested === true ? { requested: true } : {}),
    ...(priority === undefined ? {} : { priority }),
    ...(runAt === undefined ? {} : { runAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    now,
  };
}
