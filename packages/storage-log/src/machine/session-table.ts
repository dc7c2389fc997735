import type { BeatReply, NewSession, SessionRow } from '@omniq/core/storage';
import { refuse } from './refuse.ts';
import type { TaskRecord } from './task-record.ts';

/** Sessions that are over are known for so many more. */
const REMEMBERED = 10_000;

/** What the last claim of a lane leased. */
export interface LastClaim {
  readonly request: number;
  readonly leased: readonly { readonly task: TaskRecord; readonly lease: number }[];
}

export interface StoredSession extends NewSession {
  readonly openedAt: number;
  beatAt: number;
  beats: number;
  ended: boolean;
  readonly running: Set<TaskRecord>;
  readonly lanes: Map<number, LastClaim>;
}

/** Worker sessions and the tasks that run under each. */
export class SessionTable {
  readonly sessions: Map<string, StoredSession> = new Map();
  /** Sessions that ended and hold nothing, in the order in which that came. */
  readonly over: Set<string> = new Set();
  readonly #byLease = new Map<number, TaskRecord>();

  /** Tasks that run, under whatever session. */
  get leases(): number {
    return this.#byLease.size;
  }

  open({ id, host, pid, processStart }: NewSession, now: number): void {
    const known = this.sessions.get(id);
    if (this.over.has(id) || known?.ended === true) throw sessionEnded(id);
    if (known !== undefined) return;
    const session = { id, host, pid, processStart, openedAt: now, beatAt: now, beats: 0, ended: false };
    this.sessions.set(id, { ...session, running: new Set(), lanes: new Map() });
  }

  /** @throws Refused `SESSION_ENDED` unless it is open */
  live(id: string): StoredSession {
    const session = this.sessions.get(id);
    if (session === undefined || session.ended) throw sessionEnded(id);
    return session;
  }

  beat(id: string, now: number): BeatReply {
    const session = this.sessions.get(id);
    if (session === undefined || session.ended)
      return { live: false, leases: session?.running.size ?? 0, cancelled: [] };
    session.beats += 1;
    session.beatAt = now;
    const cancelled: string[] = [];
    for (const task of session.running) if (task.rare.cancelRequested) cancelled.push(task.id);
    return { live: true, leases: session.running.size, cancelled };
  }

  end(id: string, beats: number | undefined): boolean {
    const session = this.sessions.get(id);
    if (session === undefined || session.ended || (beats !== undefined && beats !== session.beats)) return false;
    session.ended = true;
    session.lanes.clear();
    this.#forgetIfOver(session);
    return true;
  }

  /** A task begins to run under a session, by the lease it has. */
  hold(task: TaskRecord, session: StoredSession): void {
    session.running.add(task);
    this.#byLease.set(task.lease, task);
  }

  /** A task stopped running. */
  release(task: TaskRecord): void {
    this.#byLease.delete(task.lease);
    const session = this.sessions.get(task.session ?? '');
    if (session === undefined) return;
    session.running.delete(task);
    if (session.ended) this.#forgetIfOver(session);
  }

  /** The task that runs under this lease. */
  byLease(lease: number): TaskRecord | undefined {
    return this.#byLease.get(lease);
  }

  list(): SessionRow[] {
    return Array.from(this.sessions.values(), ({ running, lanes: _lanes, ...row }) => ({
      ...row,
      leases: running.size,
    }));
  }

  /** Running tasks, of one session or all. */
  *running(id: string | undefined): Generator<TaskRecord, void, undefined> {
    const one = id === undefined ? undefined : this.sessions.get(id);
    if (id === undefined) for (const session of this.sessions.values()) yield* session.running;
    else if (one !== undefined) yield* one.running;
  }

  #forgetIfOver({ id, running }: StoredSession): void {
    if (running.size > 0) return;
    this.sessions.delete(id);
    this.over.add(id);
    if (this.over.size <= REMEMBERED) return;
    const [oldest = ''] = this.over;
    this.over.delete(oldest);
  }
}

function sessionEnded(id: string): Error {
  return refuse('SESSION_ENDED', `The session ${id} is not open.`, { session: id });
}
