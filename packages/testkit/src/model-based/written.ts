import type { Change, ClaimRequest, Guard, Mutable, NewTask } from '@omniq/core/storage';
import { bytes } from '../storage/rows.ts';
import { STRANGE, type Side } from './side.ts';
import type { ChangeBody, ChangeSpec, ClaimSpec, GuardSpec, RowSpec, SetSpec, Step } from './step.ts';
import type { Placed } from './timeline.ts';

/** Longer than any sequence, and than a store's own clock is ahead of it. */
export const LONG: number = 96 * 3_600_000;

/** The row that a spec stands for. */
export function rowOf(spec: RowSpec, now: number): NewTask {
  const { id, queue = 'a', name = 'work', priority = 0, runAt = 0, holdMs = 1_000, admit = LONG } = spec;
  const { expiresAt, unique, orderKey = null, limitKey = null, parents = [] } = spec;
  return {
    id,
    queue,
    name,
    priority,
    runAt: now + runAt,
    expiresAt: expiresAt === undefined ? null : now + expiresAt,
    admitBy: now + admit,
    holdMs,
    unique: unique === undefined ? null : { key: unique.key, until: unique.ttl === null ? null : now + unique.ttl },
    orderKey,
    limitKey,
    parents,
    body: spec.body === undefined ? null : bytes(spec.body),
    spec: spec.spec === undefined ? null : bytes(spec.spec, 0),
  };
}

export function requestOf({ queues, session, lane, limit, start }: ClaimSpec, { now, request }: Placed): ClaimRequest {
  return { session, lane, request, queues, limit, start, now };
}

/** The change that a spec stands for on this side, which has leases of its own. */
export async function changeOf(spec: ChangeSpec, side: Side, { now }: Placed): Promise<Change> {
  const { id, guard } = spec;
  return { id, guard: await guardOf(id, guard, side), ...bodyOf(spec, now) };
}

async function guardOf(id: string, guard: GuardSpec, side: Side): Promise<Guard> {
  if ('states' in guard) return guard;
  if ('lease' in guard) return { lease: side.leases.find(id, guard.lease, STRANGE), uncancelled: guard.uncancelled };
  const { items } = await side.tasks().edges({ child: id, limit: 100 });
  const parents = items.map(({ parent }) => parent).sort();
  return { edge: parents[guard.edge] ?? id };
}

/** The changes that end what a claim leased. */
export function settlementOf(
  { all, uncancelled, odd }: Extract<Step, { readonly verb: 'settle' }>,
  leased: readonly { readonly id: string; readonly lease: number }[],
  now: number,
): readonly Change[] {
  return leased.map(({ id, lease }, place): Change => {
    if (place !== odd?.at) return { id, guard: { lease, uncancelled }, ...bodyOf(all, now) };
    return { id, guard: { lease, uncancelled: odd.uncancelled }, ...bodyOf({ ...all, set: odd.set }, now) };
  });
}

export function bodyOf({ set, result, record, then }: ChangeBody, now: number): Omit<Change, 'id' | 'guard'> {
  return {
    set: setOf(set, now),
    ...(result === undefined ? {} : { result: bytes(result.value) }),
    ...(result === undefined ? {} : { resultExpiresAt: result.ttl === null ? null : now + result.ttl }),
    ...(record === undefined ? {} : { record: bytes(record) }),
    // An array of rows, not a callback.
    ...(then === undefined ? {} : Object.fromEntries([['then', then.map((row) => rowOf(row, now))]])),
  };
}

/** As the core writes it. */
function setOf([name, value]: SetSpec, now: number): Partial<Mutable> {
  switch (name) {
    case 'complete':
      return { state: 'completed', finishedAt: now, attempt: 1 };
    case 'fail':
      return { state: 'failed', finishedAt: now, error: bytes(13), reason: 'retries_spent', attempt: 2 };
    case 'cancel':
      return { state: 'cancelled', finishedAt: now, reason: 'cancelled' };
    case 'expire':
      return { state: 'expired', finishedAt: now, reason: 'ttl' };
    case 'handBack':
      return { state: 'waiting', runAt: now, crashes: 1, startedAt: null, reason: 'lease_expired' };
    case 'retry':
      return { state: 'waiting', runAt: now + value, attempt: 1, startedAt: null, error: bytes(14) };
    case 'redrive':
      return { ...fresh, state: 'waiting', runAt: now, redrives: 1, reason: 'redrive' };
    case 'askCancel':
      return { cancelRequested: true };
    case 'start':
      return { startedAt: now };
    case 'extend':
      return { deadlineAt: now + value };
    case 'progress':
      return { progress: bytes(value) };
    case 'priority':
      return { priority: value };
    case 'runAt':
      return { runAt: now + value };
    case 'expiresAt':
      return { expiresAt: value === null ? null : now + value };
    case 'nothing':
      return {};
  }
}

const fresh: Partial<Mutable> = {
  expiresAt: null,
  attempt: 0,
  crashes: 0,
  cancelRequested: false,
  startedAt: null,
  finishedAt: null,
  error: null,
  progress: null,
};
