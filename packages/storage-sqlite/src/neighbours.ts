import type { Change } from '@omniq/core/storage';
import type { HeldLeases } from './held-leases.ts';

/** Changes under leases of one claim that say the same of neighbouring rows: one statement writes them all. */
export interface Neighbours {
  readonly holder: number;
  readonly seq: number;
  readonly lease: number;
  readonly count: number;
}

/** The neighbours that the changes from `from` on begin with; `undefined` for a change that has to be made alone. */
export function neighboursFrom(changes: readonly Change[], from: number, held: HeldLeases): Neighbours | undefined {
  const head = changes[from] as Change;
  const lease = leaseOf(head);
  const place = lease === undefined ? undefined : held.find(head.id, lease);
  if (lease === undefined || place === undefined) return undefined;
  const { holder, seq } = place;
  let count = 1;
  for (let next = changes[from + 1]; next !== undefined; next = changes[from + count]) {
    if (leaseOf(next) !== lease + count || !isSame(next.set, head.set)) break;
    const beside = held.find(next.id, lease + count);
    if (beside === undefined || beside.holder !== holder || beside.seq !== seq + count) break;
    count += 1;
  }
  return count === 1 ? undefined : { holder, seq, lease, count };
}

/** Of a change that hangs on nothing but its lease, and that no other change of the batch hangs on. */
function leaseOf({ guard, then }: Change): number | undefined {
  return 'lease' in guard && guard.uncancelled !== true && then === undefined ? guard.lease : undefined;
}

function isSame(a: Change['set'], b: Change['set']): boolean {
  for (const key in a) if (a[key as keyof typeof a] !== b[key as keyof typeof b]) return false;
  for (const key in b) if (!(key in a)) return false;
  return true;
}
