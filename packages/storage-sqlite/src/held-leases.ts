/** The leases of one claim, one after the other, and the tasks that they are of. */
export interface HeldClaim {
  readonly holder: number;
  readonly first: number;
  readonly seqs: readonly number[];
  readonly ids: readonly string[];
}

/** Where the task of a lease lies. */
export interface HeldPlace {
  readonly holder: number;
  readonly seq: number;
}

const MAX_TASKS = 20_000;

/**
 * Which row the last leases given out here are of, so that a settle looks up no id. Only a hint: whoever follows it
 * guards its write by the lease, which no other task ever has, and who finds none here looks for the id.
 */
export class HeldLeases {
  #claims: HeldClaim[] = [];
  #tasks = 0;
  #last: HeldClaim | undefined;

  add(claim: HeldClaim): void {
    this.#claims.push(claim);
    this.#tasks += claim.ids.length;
    if (this.#tasks > MAX_TASKS) this.#forgetHalf();
  }

  find(id: string, lease: number): HeldPlace | undefined {
    if (this.#last === undefined || !isOf(this.#last, lease)) this.#last = this.#claimOf(lease);
    if (this.#last === undefined) return undefined;
    const { holder, first, seqs, ids } = this.#last;
    const index = lease - first;
    return ids[index] === id ? { holder, seq: seqs[index] as number } : undefined;
  }

  /** Leases only grow, so the claims lie in their order. */
  #claimOf(lease: number): HeldClaim | undefined {
    let [low, high] = [0, this.#claims.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#claims[middle] as HeldClaim).first <= lease) low = middle + 1;
      else high = middle;
    }
    const claim = this.#claims[low - 1];
    return claim !== undefined && isOf(claim, lease) ? claim : undefined;
  }

  #forgetHalf(): void {
    let gone = 0;
    while (this.#tasks > MAX_TASKS / 2 && gone < this.#claims.length - 1) {
      this.#tasks -= (this.#claims[gone] as HeldClaim).ids.length;
      gone += 1;
    }
    this.#claims = this.#claims.slice(gone);
  }
}

function isOf({ first, ids }: HeldClaim, lease: number): boolean {
  return lease >= first && lease < first + ids.length;
}
