import type { Change, ChangeOutcome, ClaimRequest, StoredState, SwapOutcome } from '@omniq/core/storage';
import { claimValues, type ClaimedRow, type Claims } from './claim.ts';
import type { Database } from './database.ts';
import { Column } from './column.ts';
import { AWAITED, CHANGE, REFUSALS } from './lease-statement.ts';
import { maskOf, setValues, stateValues } from './set-columns.ts';
import { SWAP } from './swap-statement.ts';

/** The places of changes, from 1: those that were not applied, and those that others may wait for. */
interface ChangeAnswer {
  readonly refused: readonly unknown[] | null;
  readonly awaited: readonly unknown[] | null;
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

const ended: ReadonlySet<unknown> = new Set(['completed', 'failed', 'cancelled', 'expired']);

/** What the end of a run sets. */
const endKeys: ReadonlySet<string> = new Set(['state', 'attempt', 'startedAt', 'finishedAt', 'reason', 'error']);

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
    const [answer] = await this.#db.rows<ChangeAnswer>(CHANGE, [...this.#values(changes), now]);
    return this.#outcomes(changes, answer as ChangeAnswer);
  }

  /** Whether one statement may do both: ends alone, and the claim cannot depend on what they set free. */
  canSwap(changes: readonly Change[]): boolean {
    return (
      areByLease(changes) &&
      changes.every(({ id, guard, set }) => {
        const isEnd = ended.has(set.state) && Object.entries(set).every(([key, value]) => isOfEnd(key, value));
        return isEnd && 'lease' in guard && this.#claims.held(id, guard.lease)?.isOrdered === false;
      })
    );
  }

  /** `undefined` where the claim was refused: then nothing was changed either. */
  async swap(changes: readonly Change[], request: ClaimRequest): Promise<SwapOutcome | undefined> {
    const values = [...this.#endValues(changes), ...claimValues(request)];
    const rows = await this.#db.rows<ClaimedRow & ChangeAnswer>(SWAP, values);
    const claimed = this.#claims.taken(rows, request);
    if (claimed === undefined) return undefined;
    return { outcomes: await this.#outcomes(changes, rows[0] as ChangeAnswer), claimed };
  }

  #values(changes: readonly Change[]): unknown[] {
    const { ids, leases, uncancelled } = guardValues(changes);
    return [
      Column.of('text', ids),
      Column.of('int8', leases),
      Column.of('bool', uncancelled),
      Column.of('int4', changes.map(maskOf)),
      Column.of('"char"', stateValues(changes)),
      Column.of(
        'bytea',
        orNull(changes, ({ result }) => result),
      ),
      Column.of(
        'int8',
        orNull(changes, ({ resultExpiresAt }) => resultExpiresAt),
      ),
      Column.of(
        'int8',
        orNull(changes, (change) => this.#seqOf(change)),
      ),
      ...setValues(changes),
      Column.of(
        'bytea',
        orNull(changes, ({ record }) => record),
      ),
    ];
  }

  #endValues(changes: readonly Change[]): unknown[] {
    const { leases, uncancelled } = guardValues(changes);
    return [
      Column.of(
        'int8',
        orNull(changes, (change) => this.#seqOf(change)),
      ),
      Column.of('int8', leases),
      Column.alike('bool', uncancelled),
      Column.alike('"char"', stateValues(changes)),
      Column.of(
        'int4',
        orNull(changes, ({ set }) => set.attempt),
      ),
      Column.of(
        'int8',
        orNull(changes, ({ set }) => set.startedAt),
      ),
      Column.of(
        'int8',
        orNull(changes, ({ set }) => set.finishedAt),
      ),
      Column.of(
        'text',
        orNull(changes, ({ set }) => set.reason),
      ),
      Column.of(
        'bytea',
        orNull(changes, ({ set }) => set.error),
      ),
      Column.of(
        'bytea',
        orNull(changes, ({ result }) => result),
      ),
      Column.of(
        'int8',
        orNull(changes, ({ resultExpiresAt }) => resultExpiresAt),
      ),
      Column.of(
        'bytea',
        orNull(changes, ({ record }) => record),
      ),
    ];
  }

  #seqOf({ id, guard }: Change): number | null {
    return 'lease' in guard ? (this.#claims.held(id, guard.lease)?.seq ?? null) : null;
  }

  async #outcomes(changes: readonly Change[], answer: ChangeAnswer): Promise<readonly ChangeOutcome[]> {
    const outcomes: ChangeOutcome[] = changes.map(() => ({ status: 'applied' }));
    for (const { id, guard } of changes) if ('lease' in guard) this.#claims.settled(id, guard.lease);
    const [refused, awaited] = [placesOf(answer.refused), placesOf(answer.awaited)];
    if (refused.length > 0) {
      const { ids, leases, uncancelled } = guardValues(refused.map((nth) => changes[nth] as Change));
      const values = [Column.of('text', ids), Column.of('int8', leases), Column.of('bool', uncancelled)];
      for (const { nth, status } of await this.#db.rows<Refusal>(REFUSALS, values)) {
        outcomes[refused[nth - 1] as number] = { status };
      }
    }
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

function placesOf(numbers: readonly unknown[] | null): number[] {
  return (numbers ?? []).map((nth) => Number(nth) - 1);
}

/** Given, and no null that would have to be told from what is not given. */
function isOfEnd(key: string, value: unknown): boolean {
  return value === undefined || (value !== null && endKeys.has(key));
}

function guardValues(changes: readonly Change[]): { ids: string[]; leases: (number | null)[]; uncancelled: boolean[] } {
  return {
    ids: changes.map(({ id }) => id),
    leases: changes.map(({ guard }) => ('lease' in guard ? guard.lease : null)),
    uncancelled: changes.map(({ guard }) => 'lease' in guard && guard.uncancelled === true),
  };
}

function orNull<T>(changes: readonly Change[], read: (change: Change) => T | undefined): (T | null)[] {
  return changes.map((change) => read(change) ?? null);
}
