import type { Mutable } from '@omniq/core/storage';
import { codeOf, isTerminal, stateOf } from './state-code.ts';

/** A locked row, as it is stored. 64-bit integers may be text. */
export interface LockedRow {
  readonly seq: unknown;
  readonly queue: number;
  readonly session: number | null;
  readonly priority: number;
  readonly state: string;
  readonly attempt: number;
  readonly crashes: number;
  readonly redrives: number;
  readonly cancel: boolean;
  readonly waits_for: number;
  readonly lease: unknown;
  readonly run_at: unknown;
  readonly expires_at: unknown;
  readonly started_at: unknown;
  readonly finished_at: unknown;
  readonly deadline_at: unknown;
  readonly reason: string | null;
  readonly error: Uint8Array | null;
  readonly progress: Uint8Array | null;
}

/** What never changes about a task, of what a change has to know. */
export interface TaskFacts {
  readonly id: string;
  readonly orderKey: string | null;
  /** Held while the task lives. */
  readonly liveKey: string | null;
}

/** A task under a lock, while changes are applied to it one after the other; written back once. */
export class TaskState {
  readonly seq: number;
  readonly facts: TaskFacts;
  readonly queue: number;
  readonly session: number | null;
  readonly lease: number;
  /** Whether it was found among the ended ones. */
  readonly wasDone: boolean;
  values: Mutable;
  waitsFor: number;
  isChanged = false;

  constructor(row: LockedRow, facts: TaskFacts) {
    this.seq = Number(row.seq);
    this.facts = facts;
    this.queue = row.queue;
    this.session = row.session;
    this.lease = Number(row.lease);
    this.wasDone = isTerminal(row.state);
    this.waitsFor = row.waits_for;
    this.values = {
      state: stateOf(row.state),
      priority: row.priority,
      runAt: Number(row.run_at),
      expiresAt: instant(row.expires_at),
      attempt: row.attempt,
      crashes: row.crashes,
      redrives: row.redrives,
      cancelRequested: row.cancel,
      startedAt: instant(row.started_at),
      finishedAt: instant(row.finished_at),
      deadlineAt: instant(row.deadline_at),
      reason: row.reason,
      error: row.error,
      progress: row.progress,
    };
  }

  get isDone(): boolean {
    return isTerminal(codeOf(this.values.state));
  }

  /** A task that leaves `running` gives up its deadline. */
  set(given: Partial<Mutable>): void {
    const values = { ...this.values, ...defined(given) };
    const left = this.values.state === 'running' && values.state !== 'running';
    this.values = left ? { ...values, deadlineAt: null } : values;
    this.isChanged = true;
  }

  /** One parent less to wait for; the last one lets the task go. */
  release(): void {
    this.waitsFor -= 1;
    if (this.waitsFor === 0 && this.values.state === 'blocked') this.values = { ...this.values, state: 'waiting' };
    this.isChanged = true;
  }
}

function instant(value: unknown): number | null {
  return value === null ? null : Number(value);
}

function defined(given: Partial<Mutable>): Partial<Mutable> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
