import type {
  BeatReply,
  Change,
  ChangeOutcome,
  ClaimedTask,
  ClaimRequest,
  HistoryRecord,
  InsertOutcome,
  Mutable,
  NewSession,
  NewTask,
  OmniQErrorCode,
  QueueSettings,
  ScheduleRow,
  StoredResult,
  TaskRow,
} from '@omniq/core/storage';
import type { Bytes } from './piece.ts';

/** The same with `Bytes` in place of arrays. */
type Held<T, K extends keyof T> = Omit<T, K> & {
  readonly [P in K]: Uint8Array extends T[P] ? Bytes | Exclude<T[P], Uint8Array> : never;
};

export type HeldNewTask = Held<NewTask, 'body' | 'spec'>;
export type HeldRow = Held<TaskRow, 'body' | 'spec' | 'error' | 'progress'>;
export type HeldClaim = Held<ClaimedTask, 'body' | 'spec'>;
export type HeldRecord = Held<HistoryRecord, 'record'>;
export type HeldResult = Held<StoredResult, 'value'>;
export type HeldSchedule = Held<ScheduleRow, 'body'>;
export type HeldChange = Omit<Change, 'id' | 'set' | 'result' | 'record' | 'then'> & {
  /** `null`: whichever task runs under the lease of the guard. */
  readonly id: string | null;
  readonly set: Partial<Held<Mutable, 'error' | 'progress'>>;
  readonly result?: Bytes;
  readonly record?: Bytes;
  readonly then?: readonly HeldNewTask[];
};

/**
 * Whatever may be done to the machine. Its outcome depends on the state and the command alone: ids, times and all that
 * is random come with it.
 */
export type Command =
  | { readonly verb: 'insert'; readonly rows: readonly HeldNewTask[]; readonly now: number }
  | { readonly verb: 'claim'; readonly request: ClaimRequest }
  | { readonly verb: 'update'; readonly changes: readonly HeldChange[]; readonly now: number }
  | { readonly verb: 'swap'; readonly changes: readonly HeldChange[]; readonly request: ClaimRequest }
  | { readonly verb: 'remove'; readonly ids: readonly string[]; readonly rememberUntil: number }
  | { readonly verb: 'open'; readonly session: NewSession; readonly now: number }
  | { readonly verb: 'beat'; readonly session: string; readonly now: number }
  | { readonly verb: 'end'; readonly session: string; readonly beats?: number }
  | { readonly verb: 'configure'; readonly queue: string; readonly settings: Partial<QueueSettings> }
  | { readonly verb: 'putResults'; readonly results: readonly HeldResult[] }
  | { readonly verb: 'removeResults'; readonly keys: readonly { readonly id: string; readonly below?: number }[] }
  | { readonly verb: 'sweepResults'; readonly now: number; readonly limit: number }
  | { readonly verb: 'putSchedule'; readonly row: HeldSchedule; readonly ifRevision: number | null }
  | { readonly verb: 'removeSchedule'; readonly id: string };

/** What each verb answers when it is not refused. */
export interface Answers {
  readonly insert: readonly InsertOutcome[];
  readonly claim: readonly HeldClaim[];
  readonly update: readonly ChangeOutcome[];
  readonly swap: { readonly outcomes: readonly ChangeOutcome[]; readonly claimed: readonly HeldClaim[] };
  readonly remove: number;
  readonly open: undefined;
  readonly beat: BeatReply;
  readonly end: boolean;
  readonly configure: undefined;
  readonly putResults: undefined;
  readonly removeResults: undefined;
  readonly sweepResults: number;
  readonly putSchedule: number | null;
  readonly removeSchedule: boolean;
}

/** A refusal changed nothing. It is a value and no error: a replica that replays it must not stumble. */
export interface Refusal {
  readonly code: OmniQErrorCode;
  readonly message: string;
  readonly details: Readonly<Record<string, string | number>>;
}

export type Outcome<V extends Command['verb'] = Command['verb']> =
  | { readonly answer: Answers[V] }
  | { readonly refused: Refusal };
