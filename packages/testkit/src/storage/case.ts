import type { Backend } from '@omniq/core/storage';

/** What `open` gives: a backend and, where several connections can share its data, a way to a second one. */
export type Opened = Backend & {
  /** One more connection to the same data. Races then run over several connections instead of one. */
  readonly again?: () => Promise<Backend>;
  /** Begins a transaction on a connection of the user's to the same data; for task stores with `transactions`. */
  readonly begin?: () => Promise<UserTransaction>;
};

/** A transaction as a user of the backend holds one. */
export interface UserTransaction {
  /** What `TaskStore.within` takes. */
  readonly transaction: unknown;
  /** Commits and gives the connection up. Rejects where the transaction cannot be committed. */
  readonly commit: () => Promise<void>;
  /** Rolls back, if that has not happened yet, and gives the connection up. */
  readonly rollback: () => Promise<void>;
}

/** Opens a fresh, empty backend each time. */
export type OpenBackend = () => Promise<Opened>;

/** The stores that a backend may offer. */
export type StoreKind = 'tasks' | 'results' | 'events' | 'schedules' | 'records';

/** One sentence of the storage contract, as something that can be run. */
export interface ConformanceCase {
  readonly store: StoreKind;
  /** One word or two: what the capability matrix groups by. */
  readonly feature: string;
  readonly title: string;
  /** Rejects where the store breaks the sentence. `absent`: the backend does not offer this store. */
  run(open: OpenBackend): Promise<'proved' | 'absent'>;
}
