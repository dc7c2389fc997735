import type { ParentPolicy, ScheduleRow, StoredState } from '@omniq/core/storage';

/**
 * Commands as data: ids, keys and times are few and small, so that everything collides. Instants are offsets from the
 * time of the command, leases and tags are told by when they were given, so a step means the same to every store.
 */
export type Step =
  | { readonly verb: 'pass'; readonly ms: number }
  | { readonly verb: 'insert'; readonly rows: readonly RowSpec[]; readonly lag: number }
  | { readonly verb: 'open' | 'beat'; readonly session: string }
  | { readonly verb: 'end'; readonly session: string; readonly beats: 'any' | 'current' | 'old' }
  | { readonly verb: 'claim'; readonly claim: ClaimSpec; readonly lag: number }
  | { readonly verb: 'update'; readonly changes: readonly ChangeSpec[]; readonly lag: number }
  /** Ends or sends back all that the last claim of a lane leased, alike, but for the one at a place. */
  | {
      readonly verb: 'settle';
      readonly session: string;
      readonly lane: number;
      readonly all: ChangeBody;
      readonly uncancelled: boolean;
      readonly odd?: { readonly at: number; readonly set: SetSpec; readonly uncancelled: boolean };
    }
  | { readonly verb: 'swap'; readonly changes: readonly ChangeSpec[]; readonly claim: ClaimSpec }
  | { readonly verb: 'remove'; readonly ids: readonly string[]; readonly remember: number }
  | { readonly verb: 'configure'; readonly queue: string; readonly settings: SettingsSpec }
  /** What the store says it cannot do. */
  | { readonly verb: 'ask'; readonly of: Ability; readonly id: string }
  | {
      readonly verb: 'putResult';
      readonly id: string;
      readonly lease: Which;
      readonly value: number;
      readonly ttl: Ttl;
    }
  | { readonly verb: 'removeResults'; readonly id: string; readonly below: Which | null }
  | { readonly verb: 'sweepResults'; readonly limit: number }
  | { readonly verb: 'putSchedule'; readonly row: ScheduleSpec; readonly over: Which | null }
  | { readonly verb: 'removeSchedule'; readonly id: string }
  | { readonly verb: 'putRecord'; readonly key: string; readonly value: number; readonly over: Which | null | 'any' }
  | { readonly verb: 'deleteRecord'; readonly key: string; readonly over: Which | 'any' }
  /** Compares the whole visible state. */
  | { readonly verb: 'look' };

/** The last lease, revision or tag that was given, the one before it, or one that was never given. */
export type Which = 'last' | 'former' | 'strange';

/** `null` keeps; else ms from now. */
export type Ttl = number | null;

/** A capability that is refused where it is `false`. */
export type Ability = 'clock' | 'watch' | 'results' | 'then' | 'uniqueKeys' | 'orderKeys' | 'limits';

export interface RowSpec {
  readonly id: string;
  readonly queue?: string;
  readonly name?: string;
  readonly priority?: number;
  readonly runAt?: number;
  readonly expiresAt?: number;
  readonly holdMs?: number;
  /** How long it may be admitted, in ms; below 0 it is late. */
  readonly admit?: number;
  readonly unique?: { readonly key: string; readonly ttl: Ttl };
  readonly orderKey?: string;
  readonly limitKey?: string;
  readonly parents?: readonly { readonly id: string; readonly policy: ParentPolicy }[];
  readonly body?: number;
  readonly spec?: number;
}

export interface ClaimSpec {
  readonly session: string;
  readonly lane: number;
  readonly request: 'next' | 'again' | 'older';
  readonly queues: readonly string[];
  readonly limit: number;
  readonly start: number;
}

export type GuardSpec =
  | { readonly lease: Which; readonly uncancelled: boolean }
  | { readonly states: readonly StoredState[] }
  /** The edge from the parent at this place among those that the child waits for, by their ids. */
  | { readonly edge: number };

/** What the core writes, by name. */
export type SetSpec =
  | readonly ['complete' | 'fail' | 'cancel' | 'expire' | 'redrive' | 'handBack' | 'askCancel' | 'start' | 'nothing']
  | readonly ['retry' | 'runAt' | 'extend' | 'progress' | 'priority', number]
  | readonly ['expiresAt', Ttl];

export interface ChangeBody {
  readonly set: SetSpec;
  readonly result?: { readonly value: number; readonly ttl: Ttl };
  readonly record?: number;
  readonly then?: readonly RowSpec[];
}

export interface ChangeSpec extends ChangeBody {
  readonly id: string;
  readonly guard: GuardSpec;
}

export interface SettingsSpec {
  readonly paused?: boolean;
  readonly concurrency?: number | null;
  readonly perKey?: number | null;
}

export interface ScheduleSpec {
  readonly id: string;
  readonly state: ScheduleRow['state'];
  readonly due: Ttl;
  readonly body: number;
}
