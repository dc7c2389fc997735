import type {
  Claim,
  Configure,
  Enqueue,
  Fire,
  Invocation,
  Leased,
  Outcome,
  Remove,
  Settle,
  Start,
  Steer,
} from './record.ts';
import type { Line } from './history.ts';

/** What was done and when: from its invocation to its outcome, or at one instant. */
export interface Act<What = Invocation | Start> {
  readonly what: What;
  readonly status: 'ok' | 'refused' | 'unknown';
  readonly outcome: Outcome | null;
  readonly source: string;
  /** Lines of its process; `Infinity` for an outcome that is not known, as it may come at any time. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** Epoch ms of its process. */
  readonly begin: number;
  readonly end: number;
  /** One or two. */
  readonly lines: readonly Line[];
}

export type EnqueueAct = Act<Enqueue>;
export type ClaimAct = Act<Claim>;
export type SettleAct = Act<Settle>;
export type SteerAct = Act<Steer>;
export type ConfigureAct = Act<Configure>;
export type FireAct = Act<Fire>;
export type RemoveAct = Act<Remove>;
export type StartAct = Act<Start>;

/** What one claim gave of one task. */
export interface Grant {
  readonly act: ClaimAct;
  readonly leased: Leased;
}

/** Whether it had an effect, or may have one. */
export function isPossible({ status }: Act<unknown>): boolean {
  return status !== 'refused';
}

export function isAccepted({ status }: Act<unknown>): boolean {
  return status === 'ok';
}
