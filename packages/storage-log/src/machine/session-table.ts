import type { BeatReply, NewSession, SessionRow } from '@omniq/core/storage';
import { refuse } from './refuse.ts';
import { LeaseTable } from './lease-table.ts';
import type { TaskRecord } from './task-record.ts';

/** Sessions that are over are known for so many more. */
const REMEMBERED = 10_000;

/** What the last claim of a lane leased. */
export interface LastClaim {
  readonly request: number;
  readonly firstLease: number;
  /** So many leases, one after the other. */
  readonly count: number;
}

export interface StoredSession extends NewSession {
  readonly openedAt: number;
  beatAt: number;
  beats: number;
  ended: boolean;
  /** Tasks that run under it. */
  leases: number;
  /** Those of them that were asked to cancel. */
  readonly cancelled: Set<TaskRecord>;
  readonly lanes: Map<number, LastClaim>;
}

/** Worker sessions and the tasks that run under each. */
export class SessionTable {
  readonly sessions: Map<string, StoredSession> = new Map();
  /** Sessions that ended and hold nothing, in the order in which that came. */
  readonly over: Set<string> = new Set();
  readonly #byLease = new LeaseTable();

  /** Tasks that run, under whatever session. */
  get leases(): number {
    return this.#byLease.size;
  }

  open({ id, host, pid, processStart }: NewSession, now: number): void {
    const known = this.sessions.get(id);
    if (this.over.has(id) || known?.ended === true) throw sessionEnded(id);
    if (known !== undefined) return;
    const session = { id, host, pid, processStart, openedAt: now, beatAt: now, beats: 0, ended: false };
    this.sessions.set(id, { ...session, leases: 0, cancelled: new Set(), lanes: new Map() });
  }

  /** @throws Refused `SESSION_ENDED` unless it is open */
  live(id: string): StoredSession {
    const session = this.sessions.get(id);
    if (session === undefined || session.ended) throw sessionEnded(id);
    return session;
  }

  beat(id: string, now: number): BeatReply {
    const session = this.sessions.get(id);
    if (session === undefined) return { live: false, leases: 0, cancelled: [] };
    const cancelled = Array.from(session.cancelled).sort(byLease);
    const reply = { live: !session.ended, leases: session.leases, cancelled: cancelled.map((task) => task.id) };
    if (session.ended) return reply;
    session.beats += 1;
    session.beatAt = now;
    return reply;
  }

  end(id: string, beats: number | undefined): boolean {
    const session = this.sessions.get(id);
    if (session === undefined || session.ended || (beats !== undefined && beats !== session.beats)) return false;
    session.ended = true;
    session.lanes.clear();
    this.#forgetIfOver(session);
    return true;
  }

  /** Tasks begin to run under a session, by the leases that they have, which follow one another. */
  hold(tasks: readonly TaskRecord[], session: StoredSession): void {
    session.leases += tasks.length;
    for (const task of tasks) if (task.rare.cancelRequested) session.cancelled.add(task);
    this.#byLease.add(tasks);
  }

  /** A task stopped running. */
  release(task: TaskRecord): void {
    this.#byLease.delete(task.lease);
    const session = this.sessions.get(task.session ?? '');
    if (session === undefined) return;
    session.leases -= 1;
    if (session.cancelled.size > 0) session.cancelled.delete(task);
    if (session.ended) this.#forgetIfOver(session);
  }

  /** A running task may have been asked to cancel. */
  noteCancel(task: TaskRecord): void {
    const session = this.sessions.get(task.session ?? '');
    if (task.rare.cancelRequested) session?.cancelled.add(task);
    else session?.cancelled.delete(task);
  }

  /** The task that runs under this lease. */
  byLease(lease: number): TaskRecord | undefined {
    return this.#byLease.get(lease);
  }

  list(): SessionRow[] {
    return Array.from(this.sessions.values(), ({ cancelled: _cancelled, lanes: _lanes, ...row }) => row);
  }

  /** Running tasks, of one session or all, by lease. */
  running(id: string | undefined): readonly TaskRecord[] {
    const all = this.#byLease.all();
    return id === undefined ? all : all.filter(({ session }) => session === id);
  }

  #forgetIfOver({ id, leases }: StoredSession): void {
    if (leases > 0) return;
    this.sessions.delete(id);
    this.over.add(id);
    if (this.over.size <= REMEMBERED) return;
    const [oldest = ''] = this.over;
    this.over.delete(oldest);
  }
}

function byLease(a: TaskRecord, b: TaskRecord): number {
  return a.lease - b.lease;
}

function sessionEnded(id: string): Error {
  return refuse('SESSION_ENDED', `The session ${id} is not open.`, { session: id });
}
