import type { TaskRow } from '../storage/task-row.ts';
import type { TaskStore } from '../storage/task-store.ts';

const PAGE = 1_000;
/** A swap under way makes one beat disagree; a lost reply makes all of them. */
const BEATS = 2;

/** Finds leases that the store counts for a session and nobody runs: a claim whose reply was lost leaves them. */
export class StrayLeases {
  readonly #store: TaskStore;
  #mismatches = 0;

  constructor(store: TaskStore) {
    this.#store = store;
  }

  /** The strays, once the store has counted more leases than are held in so many beats running. */
  async find(
    session: string,
    counted: number,
    held: () => { readonly leases: ReadonlySet<number>; readonly count: number },
  ): Promise<readonly TaskRow[]> {
    this.#mismatches = counted > held().count ? this.#mismatches + 1 : 0;
    if (this.#mismatches < BEATS) return [];
    this.#mismatches = 0;
    const { items } = await this.#store.list({ session, states: ['running'], limit: PAGE });
    const { leases, count } = held();
    // More in flight than is known by lease: an exchange is under way, look again later.
    return count > leases.size ? [] : items.filter(({ lease }) => !leases.has(lease));
  }
}
