/**
 * States as stored. Users see `waiting` as `scheduled` before its `runAt` and as `pending` from then on: that needs no
 * write, so no backend has to promote anything.
 */
export type StoredState = 'blocked' | 'waiting' | 'running' | 'completed' | 'failed' | 'cancelled' | 'expired';

/** What a child does when the parent ends other than `completed`. */
export type ParentPolicy = 'cancel' | 'run' | 'hold';

export interface ParentEdge {
  readonly id: string;
  readonly policy: ParentPolicy;
}

/**
 * At most one holder at a time: a row is refused while any task holds its key, even if its own `until` is over. `until:
 * null` holds while the task is live, else until that store time, whatever becomes of the task: its own id, forgotten and
 * come back, is refused as well.
 */
export interface UniqueKey {
  readonly key: string;
  readonly until: number | null;
}

/** A task as the core inserts it. Times are epoch milliseconds of the store's clock. */
export interface NewTask {
  /** Minted by the client; the same id again is a no-op. At most 128 characters. */
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  /** -1000 to 1000; higher runs first. */
  readonly priority: number;
  /** Not claimed before. */
  readonly runAt: number;
  /** Not claimed from then on. */
  readonly expiresAt: number | null;
  /** Later than this the insert is refused as `late`: a repeated insert can never revive a forgotten task. */
  readonly admitBy: number;
  /** The longest that one claim may hold the task, in ms: timeout plus grace, or an hour. */
  readonly holdMs: number;
  readonly unique: UniqueKey | null;
  /** Tasks of one key run one at a time, in insert order. */
  readonly orderKey: string | null;
  /** The key that per-key limits of the queue count by. */
  readonly limitKey: string | null;
  /** The tasks it waits for; with any it is inserted as `blocked`. */
  readonly parents: readonly ParentEdge[];
  /** The encoded payload. */
  readonly body: Uint8Array | null;
  /** Encoded options that only the core reads. */
  readonly spec: Uint8Array | null;
}

/** What changes while a task lives. */
export interface Mutable {
  readonly state: StoredState;
  readonly priority: number;
  readonly runAt: number;
  /** Not claimed from then on; a redrive clears it. */
  readonly expiresAt: number | null;
  /** Executions that counted. */
  readonly attempt: number;
  /** Executions that took their worker down. */
  readonly crashes: number;
  /** How often a terminal task was sent back by hand. */
  readonly redrives: number;
  readonly cancelRequested: boolean;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** While running: when other workers may end the run, however alive its session. */
  readonly deadlineAt: number | null;
  /** Why it is in this state, one word: `poison`, `parent_failed`, `lease_expired` ... */
  readonly reason: string | null;
  /** The last error, encoded. */
  readonly error: Uint8Array | null;
  /** The last progress, encoded. */
  readonly progress: Uint8Array | null;
}

/** A task as the store returns it. */
export interface TaskRow extends Mutable, Omit<NewTask, 'admitBy' | 'parents' | 'unique'> {
  readonly uniqueKey: string | null;
  readonly createdAt: number;
  /** 0 before the first claim; grows with every claim and never repeats, whatever the store forgets. */
  readonly lease: number;
  /** The worker session that holds the task while it runs; the last one that did, afterwards. */
  readonly session: string | null;
  /** Parents whose end has not reached it yet. */
  readonly waitsFor: number;
}

/** What a claim hands to a worker. */
export type ClaimedTask = Pick<
  TaskRow,
  | 'id'
  | 'queue'
  | 'name'
  | 'priority'
  | 'runAt'
  | 'expiresAt'
  | 'createdAt'
  | 'attempt'
  | 'crashes'
  | 'redrives'
  | 'startedAt'
  | 'deadlineAt'
  | 'lease'
  | 'body'
  | 'spec'
>;
