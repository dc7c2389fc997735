/** What a task is about to be enqueued as. `null` is not known, and is not judged. Instants are epoch ms of the store. */
export interface Enqueue {
  readonly op: 'enqueue';
  readonly id: string;
  readonly queue: string | null;
  readonly priority: number | null;
  readonly runAt: number | null;
  /** Absent: not known. `null`: never. */
  readonly expiresAt?: number | null;
  readonly unique?: { readonly key: string; readonly until: number | null } | null;
  readonly orderKey?: string | null;
  readonly limitKey?: string | null;
  readonly maxAttempts?: number | null;
  /** It waits for other tasks first. */
  readonly blocked?: boolean;
  /** As `digestOfBytes` or `digestOfValue` give it; only digests of one kind are compared. */
  readonly digest?: string | null;
  /** The store time that the store was given. */
  readonly now?: number;
}

/** One request for tasks, as the storage contract has it. */
export interface Claim {
  readonly op: 'claim';
  readonly session: string;
  readonly lane: number;
  readonly request: number;
  readonly queues: readonly string[];
  readonly limit: number;
  readonly now: number;
}

/** What one claim was given of one task. */
export interface Leased {
  readonly id: string;
  readonly queue: string;
  readonly lease: number;
  /** Executions that counted before this one. */
  readonly attempt: number;
  readonly crashes: number;
  readonly runAt: number;
  readonly expiresAt: number | null;
  readonly digest: string | null;
}

export type SettledState = 'completed' | 'failed' | 'cancelled' | 'expired';

/** A write on behalf of a run, or of whoever ends it. */
export interface Settle {
  readonly op: 'settle';
  readonly id: string;
  /** `null`: not known which run it ends. */
  readonly lease: number | null;
  /** `waiting` for retry, snooze, release and rescue; `running` for progress; `any`: it ended somehow. */
  readonly to: SettledState | 'waiting' | 'running' | 'any';
  /** With `waiting`: not to be claimed before. */
  readonly runAt?: number;
  /** Present when it spends an attempt: how many are spent then. */
  readonly attempt?: number;
  readonly reason?: string | null;
  readonly now?: number;
}

/** A change from outside, without a lease: of a task that does not run, or the wish to end one that does. */
export interface Steer {
  readonly op: 'cancel' | 'redrive' | 'expire' | 'edit';
  readonly id: string;
  /** Of a cancel: it is meant for a task that runs. */
  readonly requested?: boolean;
  readonly priority?: number;
  readonly runAt?: number;
  readonly expiresAt?: number | null;
  readonly now?: number;
}

/** What is left out of a setting is not changed by it. */
export interface Configure {
  readonly op: 'configure';
  readonly queue: string;
  readonly paused?: boolean;
  /** Tasks that may run at once in the queue. */
  readonly concurrency?: number | null;
  /** Tasks that may run at once with one limit key. */
  readonly perKey?: number | null;
}

/** A schedule's slot becomes a task. */
export interface Fire {
  readonly op: 'fire';
  readonly schedule: string;
  /** Epoch ms. */
  readonly slot: number;
  readonly id: string;
}

export interface Remove {
  readonly op: 'remove';
  readonly id: string;
}

export interface EndSession {
  readonly op: 'end';
  readonly session: string;
}

/** Something that is asked for and has an outcome. */
export type Invocation = Enqueue | Claim | Settle | Steer | Configure | Fire | Remove | EndSession;

/** `fail` and `refused` say that it surely has no effect, `unknown` that it may have one, now or later. */
export type Phase = 'ok' | 'fail' | 'refused' | 'unknown';

/** What came of an invocation. */
export interface Outcome {
  readonly phase: Phase;
  /** Of an enqueue: `taken` leaves the task out, `exists` means that the id is known. */
  readonly status?: string;
  /** Of a claim. */
  readonly leased?: readonly Leased[];
  /** Of a cancel: it runs, and was told to stop. */
  readonly requested?: boolean;
  readonly error?: string;
}

/** A handler begins. */
export interface Start {
  readonly op: 'start';
  readonly id: string;
  readonly lease: number;
  /** 1 for the first execution. */
  readonly attempt: number;
  readonly maxAttempts: number | null;
  readonly queue: string | null;
  readonly digest?: string | null;
}

/** The first line of every file. */
export interface ProcessHeader {
  readonly op: 'process';
  readonly version: 1;
  readonly process: string;
  readonly pid: number;
}

/** From here on every call of this process to its task store is recorded, so that what is not there did not happen. */
export interface StoreHeader {
  readonly op: 'store';
  readonly order: 'strict' | 'loose';
}

interface Stamp {
  /** Epoch ms by this process's clock, with fractions; never steps back within a process. */
  readonly at: number;
}

/** Ties an outcome to its invocation; unique within a process. */
interface Call {
  readonly call: number;
}

export type InvocationRecord = Stamp & Call & { readonly phase: 'invoke' } & Invocation;
export type OutcomeRecord = Stamp & Call & Outcome & { readonly op: Invocation['op'] };
export type StartRecord = Stamp & Start;

/** One line of a history. */
export type HistoryRecord =
  | InvocationRecord
  | OutcomeRecord
  | StartRecord
  | (Stamp & ProcessHeader)
  | (Stamp & StoreHeader);
