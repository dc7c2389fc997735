import type { Capabilities } from './capabilities.ts';
import type { ClaimedTask, Mutable, NewTask, ParentPolicy, StoredState, TaskRow } from './task-row.ts';

/**
 * Where tasks live. The core decides, the store moves bytes: it owns only what must be atomic (unique keys, claim order,
 * pause, limits, leases, edges). Everything else, from backoff to dead letters, reaches it as a {@link Change}.
 *
 * The caller guarantees: names and ids within bounds, batches within `maxRows`, `now` in the store's time. The store
 * retries nothing, logs nothing, reads no clock but its own, and throws `OmniQError` with a `STORE_*` code.
 */
export interface TaskStore {
  readonly capabilities: Capabilities;

  /**
   * Inserts all rows or, if it throws, none. Outcomes are in the order of the rows. Rows may wait for rows of the same
   * call that stand before them. A parent that does not exist makes the whole call fail with `PARENT_UNKNOWN`, even where
   * the key of the row is taken. An id that is known answers `exists`, even when it is late; a store with a clock tells
   * `late` by the later of `now` and its own.
   */
  insert(rows: readonly NewTask[], now: number): Promise<readonly InsertOutcome[]>;

  /**
   * Atomically leases up to `limit` due tasks, best first: queues as listed, then priority, then `runAt`, then insert
   * order. Paused queues, expired tasks and tasks over a limit are passed over; those that another call holds at this
   * instant may be. Throws `SESSION_ENDED` unless the
   * session is open.
   */
  claim(request: ClaimRequest): Promise<readonly ClaimedTask[]>;

  /**
   * Applies each change whose guard holds, in order. One bad change never undoes another, and what others do may lie
   * between two of them.
   */
  update(changes: readonly Change[], now: number): Promise<readonly ChangeOutcome[]>;

  /**
   * {@link update} and {@link claim} in one round trip and one commit; where the claim throws, nothing was applied.
   * Absent: the core calls the two.
   */
  swap?(changes: readonly Change[], request: ClaimRequest): Promise<SwapOutcome>;

  /** Rows in the order of the ids; `undefined` where there is none. */
  get(ids: readonly string[]): Promise<readonly (TaskRow | undefined)[]>;

  list(query: TaskQuery): Promise<TaskPage>;

  /** Tasks per queue and state, `waiting` split at `now`. */
  count(now: number): Promise<readonly TaskCount[]>;

  /**
   * Forgets terminal tasks with their results, records and edges, in order; others, and parents that a child still waits
   * for, stay. Their ids are refused as known until `rememberUntil`. Returns how many went.
   */
  remove(ids: readonly string[], rememberUntil: number): Promise<number>;

  /** Unresolved edges by parent, by child, or all, in a stable order. */
  edges(query: EdgeQuery): Promise<EdgePage>;

  /** What changes recorded about a task, oldest first. */
  history(id: string): Promise<readonly HistoryRecord[]>;

  /** Opens a worker session. */
  open(session: NewSession, now: number): Promise<void>;

  /** Says that a session lives. One small write. */
  beat(session: string, now: number): Promise<BeatReply>;

  /** All sessions that are open, or ended and still holding tasks. */
  sessions(): Promise<readonly SessionRow[]>;

  /**
   * Ends a session for ever: of any number of callers one gets `true`. With `beats`, only if the session has not beaten
   * since. From then on its claims and beats are refused; its tasks stay leased until each is changed.
   */
  end(session: string, beats?: number): Promise<boolean>;

  /** Settings of all queues that have any. */
  queues(): Promise<readonly QueueRow[]>;

  /** Merges into the settings of a queue; holds for every claim that starts after it returns. */
  configure(queue: string, settings: Partial<QueueSettings>): Promise<void>;

  /** The store's clock, in epoch ms. Only with `capabilities.clock`. */
  time?(): Promise<number>;

  /**
   * When the first task of these queues that is not due at `now` will be, or `null`. A hint: it may be early, and pauses
   * and limits need not count. Absent: delayed tasks start within one poll.
   */
  nextDue?(queues: readonly string[], now: number): Promise<number | null>;

  /**
   * Calls `wake` when a task may have become claimable or, for {@link Awaited} `ended`, may have ended; may call too often,
   * or be late. Of many stores whose claims found nothing, no more need to be woken than there are tasks; one that has not
   * claimed in vain since it was woken, none. Only with `capabilities.watch`.
   */
  watch?(wake: () => void, awaited?: Awaited): () => void;

  /**
   * The writes that can be part of a transaction of the user's. It names the connection that the transaction is open on,
   * in the form that the backend's README says; anything else throws `INVALID_OPTION`. Nothing is seen, and nobody is
   * woken, before the user commits; a rollback leaves nothing. Only with `capabilities.transactions`.
   */
  within?(transaction: unknown): TransactionStore;

  close(): Promise<void>;
}

/** What a listener waits for: tasks to claim, which is the default, or their ends. */
export type Awaited = 'claimable' | 'ended';

/** What {@link TaskStore.within} returns; of use until the transaction ends. It never begins, commits or retries. */
export interface TransactionStore {
  /** As {@link TaskStore.insert}. A unique key that another open transaction holds is waited for, for a bounded time. */
  insert(rows: readonly NewTask[], now: number): Promise<readonly InsertOutcome[]>;
  /**
   * Applies the change with the user's other writes. Where its guard does not hold, the transaction can no longer be
   * committed, whatever the caller does with the error: throws `LEASE_LOST`.
   */
  complete(change: Change, now: number): Promise<void>;
}

export type InsertOutcome =
  | { readonly status: 'inserted'; /** Some parents had ended already: release them now. */ readonly settled: boolean }
  | { readonly status: 'exists' }
  | { readonly status: 'late' }
  | { readonly status: 'taken'; readonly holder: string };

export interface ClaimRequest {
  readonly session: string;
  /**
   * `request` counts up from 1 in each `lane` of the session, one claim in flight per lane. The last request of a lane, made
   * again, returns the tasks it leased the first time that still run, best first: a lost reply leaks no lease. An older
   * request of the lane returns nothing and leases nothing.
   */
  readonly lane: number;
  readonly request: number;
  readonly queues: readonly string[];
  readonly limit: number;
  /** The first so many start at once: their `startedAt` is set. The rest is started by a later change. */
  readonly start: number;
  readonly now: number;
}

/** When a change applies. */
export type Guard =
  /** Running under this lease; with `uncancelled` also not asked to cancel, else the outcome is `cancelled`. */
  | { readonly lease: number; readonly uncancelled?: boolean }
  /** In one of these states. */
  | { readonly states: readonly StoredState[] }
  /**
   * The edge from this parent is unresolved. Applying removes it and takes one off `waitsFor`; the last one turns
   * `blocked` into `waiting`.
   */
  | { readonly edge: string };

/**
 * One guarded write. The store completes it: a task that leaves `running` gives up its deadline and permits; a terminal
 * one its live unique key; one that leaves a terminal state takes the key back, or the outcome is `taken`.
 */
export interface Change {
  readonly id: string;
  readonly guard: Guard;
  readonly set: Partial<Mutable>;
  /** Kept as the result of (id, current lease). Only with `capabilities.results`. */
  readonly result?: Uint8Array;
  /** When the result may be forgotten; `null` keeps it as long as the task. */
  readonly resultExpiresAt?: number | null;
  /** Appended to the task's history, under its current lease. */
  readonly record?: Uint8Array;
  /**
   * Inserted with the change, only if it applies. A row that `insert` would refuse is left out, one that waits for a task
   * that does not exist as well. Only with `capabilities.then`.
   */
  readonly then?: readonly NewTask[];
}

export interface ChangeOutcome {
  readonly status: 'applied' | 'stale' | 'missing' | 'cancelled' | 'taken';
  /** Applied, and other tasks wait for this one. */
  readonly dependents?: boolean;
  /** With `taken`: who holds the unique key. */
  readonly holder?: string;
}

export interface SwapOutcome {
  readonly outcomes: readonly ChangeOutcome[];
  readonly claimed: readonly ClaimedTask[];
}

export interface TaskQuery {
  readonly states?: readonly StoredState[];
  readonly queues?: readonly string[];
  readonly names?: readonly string[];
  readonly session?: string;
  /** `runAt` at or before. */
  readonly dueBy?: number;
  /** `runAt` after. */
  readonly dueAfter?: number;
  readonly expiresBy?: number;
  readonly deadlineBy?: number;
  readonly finishedBy?: number;
  /** Insert order; `newest` turns it round. */
  readonly order?: 'oldest' | 'newest';
  /** The cursor of the page before. */
  readonly after?: string;
  readonly limit: number;
}

export interface TaskPage {
  readonly items: readonly TaskRow[];
  /** Present when there may be more. */
  readonly next?: string;
}

export interface TaskCount {
  readonly queue: string;
  readonly state: Exclude<StoredState, 'waiting'> | 'scheduled' | 'pending';
  readonly count: number;
}

export interface EdgeQuery {
  readonly parent?: string;
  readonly child?: string;
  readonly after?: string;
  readonly limit: number;
}

export interface Edge {
  readonly child: string;
  readonly parent: string;
  readonly policy: ParentPolicy;
  readonly parentState: StoredState;
}

export interface EdgePage {
  readonly items: readonly Edge[];
  readonly next?: string;
}

export interface HistoryRecord {
  readonly lease: number;
  readonly record: Uint8Array;
}

export interface NewSession {
  readonly id: string;
  /** Names the machine such that equal names mean one process table: host name, boot and pid namespace. */
  readonly host: string;
  readonly pid: number;
  /** When the process started, in whatever unit the host gives: tells a reused pid. */
  readonly processStart: string;
}

export interface SessionRow extends NewSession {
  readonly openedAt: number;
  readonly beatAt: number;
  /** Grows with every beat. */
  readonly beats: number;
  readonly ended: boolean;
  /** Tasks that run under it. */
  readonly leases: number;
}

export interface BeatReply {
  /** `false`: the session was ended; abort its runs and open a new one. */
  readonly live: boolean;
  /** Tasks that run under it, as the store sees it. */
  readonly leases: number;
  /** Its running tasks that were asked to cancel. */
  readonly cancelled: readonly string[];
}

export interface QueueSettings {
  readonly paused: boolean;
  /** Tasks that may run at once in the whole fleet. */
  readonly concurrency: number | null;
  readonly rate: RateLimit | null;
  readonly perKey: { readonly concurrency: number | null; readonly rate: RateLimit | null } | null;
}

export interface RateLimit {
  readonly limit: number;
  readonly periodMs: number;
}

export interface QueueRow extends QueueSettings {
  readonly queue: string;
}
