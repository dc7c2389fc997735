import { OmniQError, type BeatReply, type NewSession, type SessionRow } from '@omniq/core/storage';
import type { TaskRecord } from './task-record.ts';

/** What the last claim of a lane leased. */
interface LastClaim {
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
  readonly #sessions = new Map<string, StoredSession>();
  /** Sessions that ended and hold nothing: one short text for each worker there ever was. */
  readonly #over = new Set<string>();

  open({ id, host, pid, processStart }: NewSession, now: number): void {
    const known = this.#sessions.get(id);
    if (this.#over.has(id) || known?.ended === true) throw sessionEnded(id);
    if (known !== undefined) return;
    const session = { id, host, pid, processStart, openedAt: now, beatAt: now, beats: 0, ended: false };
    this.#sessions.set(id, { ...session, running: new Set(), lanes: new Map() });
  }

  /** @throws OmniQError `SESSION_ENDED` unless it is open */
  live(id: string): StoredSession {
    const session = this.#sessions.get(id);
    if (session === undefined || session.ended) throw sessionEnded(id);
    return session;
  }

  beat(id: string, now: number): BeatReply {
    const session = this.#sessions.get(id);
    if (session === undefined || session.ended)
      return { live: false, leases: session?.running.size ?? 0, cancelled: [] };
    session.beats += 1;
    session.beatAt = now;
    const cancelled: string[] = [];
    for (const task of session.running) if (task.cancelRequested) cancelled.push(task.id);
    return { live: true, leases: session.running.size, cancelled };
  }

  end(id: string, beats: number | undefined): boolean {
    const session = this.#sessions.get(id);
    if (session === undefined || session.ended || (beats !== undefined && beats !== session.beats)) return false;
    session.ended = true;
    session.lanes.clear();
    this.#forgetIfOver(session);
    return true;
  }

  /** A task stopped running. */
  release(task: TaskRecord): void {
    const session = this.#sessions.get(task.session ?? '');
    if (session === undefined) return;
    session.running.delete(task);
    if (session.ended) this.#forgetIfOver(session);
  }

  list(): SessionRow[] {
    return Array.from(this.#sessions.values(), ({ running, lanes: _lanes, ...row }) => ({
      ...row,
      leases: running.size,
    }));
  }

  /** Running tasks, of one session or all. */
  *running(id: string | undefined): Generator<TaskRecord, void, undefined> {
    const one = id === undefined ? undefined : this.#sessions.get(id);
    if (id === undefined) for (const session of this.#sessions.values()) yield* session.running;
    else if (one !== undefined) yield* one.running;
  }

  #forgetIfOver({ id, running }: StoredSession): void {
    if (running.size > 0) return;
    this.#sessions.delete(id);
    this.#over.add(id);
  }
}

function sessionEnded(id: string): OmniQError {
  return new OmniQError('SESSION_ENDED', `The session ${id} is not open.`, { session: id });
}
