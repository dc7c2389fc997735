import type { Change, ChangeOutcome, ClaimRequest, SwapOutcome } from '@omniq/core/storage';
import { isOrderRace, type Claims } from './claim.ts';
import type { Database, Runner } from './database.ts';
import type { Inserts } from './insert.ts';
import { areByLease, LeaseChanges } from './lease-changes.ts';
import { LockedChanges } from './locked-changes.ts';

const WAKE = `select @.wake(true, true)`;

const MAX_TRIES = 5;

/** Applies changes: by one statement where that is enough, else in a short transaction. */
export class Updates {
  readonly #db: Database;
  readonly #claims: Claims;
  readonly #inserts: Inserts;
  readonly #byLease: LeaseChanges;

  constructor(db: Database, claims: Claims, inserts: Inserts) {
    this.#db = db;
    this.#claims = claims;
    this.#inserts = inserts;
    this.#byLease = new LeaseChanges(db, claims);
  }

  async update(changes: readonly Change[], now: number): Promise<readonly ChangeOutcome[]> {
    if (areByLease(changes)) return this.#byLease.update(changes, now);
    await this.#prepare(changes);
    return this.#db.transaction((on) => this.#apply(on, changes, now));
  }

  async swap(changes: readonly Change[], request: ClaimRequest): Promise<SwapOutcome> {
    if (this.#byLease.canSwap(changes) && !this.#claims.wasEmpty(request)) {
      const outcome = await this.#byLease.swap(changes, request);
      if (outcome !== undefined) return outcome;
    }
    await this.#prepare(changes);
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#db.transaction(async (on) => {
          const outcomes = await this.#apply(on, changes, request.now);
          return { outcomes, claimed: await this.#claims.claim(request, on) };
        });
      } catch (error) {
        if (tries >= MAX_TRIES || !isOrderRace(error)) throw error;
      }
    }
  }

  async #apply(on: Runner, changes: readonly Change[], now: number): Promise<readonly ChangeOutcome[]> {
    const outcomes = await new LockedChanges(on, now).apply(changes);
    if (outcomes.some(({ status }) => status === 'applied')) await on.rows(WAKE, []);
    return outcomes;
  }

  #prepare(changes: readonly Change[]): Promise<void> {
    return this.#inserts.prepare(changes.flatMap(({ then = [] }) => then));
  }
}
