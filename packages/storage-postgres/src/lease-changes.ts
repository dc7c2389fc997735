import type { Change, ChangeOutcome, ClaimedTask, ClaimRequest, StoredState, SwapOutcome } from '@omniq/core/storage';
import { claimValues, type ClaimedRow, type Claims } from './claim.ts';
import type { Database } from './database.ts';
import { AWAITED, CHANGE, REFUSALS, SWAP } from './lease-statement.ts';
import { filled, maskOf, setValues, stateValues } from './set-columns.ts';

type SwapRow = ClaimedRow & { readonly odd: number[] | null; readonly applied: boolean[] | null };
interface Odd {
  readonly nth: number;
  readonly applied: boolean;
}

const byLease: ReadonlySet<StoredState | undefined> = new Set([
  undefined,
  'waiting',
  'running',
  'completed',
  'failed',
  'cancelled',
  'expired',
] as const);

/** Whether one statement can apply them: all by lease, each to another task, none bringing rows. */
export function areByLease(changes: readonly Change[]): boolean {
  const ids = new Set<string>();
  for (const { id, guard, set, then } of changes) {
    if (!('lease' in guard) || !byLease.has(set.state) || (then !== undefined && then.length > 0)) return false;
    ids.add(id);
  }
  return ids.size === changes.length;
}

/** The changes of running tasks by those who run them: nearly all there are. */
export class LeaseChanges {
  readonly #db: Database;
  readonly #claims: Claims;

  constructor(db: Database, claims: Claims) {
    this.#db = db;
    this.#claims = claims;
  }

  /** @param changes such that {@link areByLease} */
  async update(changes: readonly Change[], now: number): Promise<readonly ChangeOutcome[]> {
    const odd = await this.#db.rows<Odd>(CHANGE, [...this.#values(changes), now]);
    return this.#outcomes(changes, odd);
  }

  /** Whether the claim of a swap cannot depend on what its changes set free, so that one statement may do both. */
  canSwap(changes: readonly Change[]): boolean {
    return (
      areByLease(changes) &&
      changes.every(({ id, guard, set }) => {
        const ends = set.state !== undefined && set.state !== 'waiting' && set.state !== 'running';
        return ends && 'lease' in guard && this.#claims.held(id, guard.lease)?.isOrdered !== true;
      })
    );
  }

  /** `undefined` where the claim was refused: then nothing was changed either. */
  async swap(changes: readonly Change[], request: ClaimRequest): Promise<SwapOutcome | undefined> {
    const rows = await this.#db.rows<SwapRow>(SWAP, [...this.#values(changes), ...claimValues(request)]);
    const [head] = rows;
    const claimed = this.#claims.taken(rows.map(withoutOdd), request);
    if (claimed === undefined) return undefined;
    const odd = (head?.odd ?? []).map((nth, n) => ({ nth, applied: head?.applied?.[n] ?? false }));
    return { outcomes: await this.#outcomes(changes, odd), claimed: claimed as readonly ClaimedTask[] };
  }

  #values(changes: readonly Change[]): unknown[] {
    const [ids, leases, uncancelled] = guardValues(changes) as [unknown[], unknown[], boolean[]];
    return [
      ids,
      leases,
      uncancelled.includes(true) ? uncancelled : [],
      changes.map(maskOf),
      stateValues(changes),
      filled(changes.map(({ result }) => result ?? null)),
      filled(changes.map(({ resultExpiresAt }) => resultExpiresAt ?? null)),
      filled(changes.map((change) => this.#seqOf(change))),
      ...setValues(changes),
      filled(changes.map(({ record }) => record ?? null)),
    ];
  }

  #seqOf({ id, guard }: Change): number | null {
    return 'lease' in guard ? (this.#claims.held(id, guard.lease)?.seq ?? null) : null;
  }

  async #outcomes(changes: readonly Change[], odd: readonly Odd[]): Promise<readonly ChangeOutcome[]> {
    const outcomes: ChangeOutcome[] = changes.map(() => ({ status: 'applied' }));
    for (const { id, guard } of changes) if ('lease' in guard) this.#claims.settled(id, guard.lease);
    const refused = odd.filter(({ applied }) => !applied).map(({ nth }) => nth - 1);
    if (refused.length > 0) {
      const values = guardValues(refused.map((nth) => changes[nth] as Change));
      for (const { nth, status } of await this.#db.rows<Refusal>(REFUSALS, values)) {
        outcomes[refused[nth - 1] as number] = { status };
      }
    }
    const awaited = odd.filter(({ applied }) => applied).map(({ nth }) => nth - 1);
    if (awaited.length === 0) return outcomes;
    const rows = await this.#db.rows<{ id: string }>(AWAITED, [awaited.map((nth) => changes[nth]?.id)]);
    const parents = new Set(rows.map(({ id }) => id));
    for (const nth of awaited) {
      if (parents.has(changes[nth]?.id ?? '')) outcomes[nth] = { status: 'applied', dependents: true };
    }
    return outcomes;
  }
}

interface Refusal {
  readonly nth: number;
  readonly status: ChangeOutcome['status'];
}

function withoutOdd({ odd: _odd, applied: _applied, ...row }: SwapRow): ClaimedRow {
  return row;
}

function guardValues(changes: readonly Change[]): unknown[] {
  return [
    changes.map(({ id }) => id),
    changes.map(({ guard }) => ('lease' in guard ? guard.lease : null)),
    changes.map(({ guard }) => 'lease' in guard && guard.uncancelled === true),
  ];
}
