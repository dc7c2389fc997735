import { OmniQError, type BeatReply, type NewSession, type SessionRow } from '@omniq/core/storage';
import type { Statement } from 'better-sqlite3';
import type { Connection } from './connection.ts';

const OPEN = `INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, 0, 0)`;
const BEAT = `UPDATE sessions SET beats = beats + 1, beat_at = ? WHERE id = ? AND ended = 0`;
const ALL = `SELECT id, host, pid, process_start AS processStart, opened_at AS openedAt, beat_at AS beatAt, beats, ended FROM sessions`;
const END = `UPDATE sessions SET ended = 1 WHERE id = ? AND ended = 0`;
const END_UNCHANGED = `UPDATE sessions SET ended = 1 WHERE id = ? AND ended = 0 AND beats = ?`;
const FORGET = `DELETE FROM sessions WHERE id = ? AND ended = 1`;
const HELD = `SELECT session, count(*) AS leases FROM tasks INDEXED BY running WHERE state = 1 GROUP BY session`;
const HELD_BY = `SELECT count(*) FROM tasks INDEXED BY running WHERE state = 1 AND session = ?`;
const CANCELLED = `SELECT id FROM tasks INDEXED BY running WHERE state = 1 AND session = ? AND cancel_requested = 1`;
const FORGET_CLAIMS = `DELETE FROM claims WHERE session = ?`;

/** Worker sessions, in their own file: their writes wait for no transaction on tasks. */
export class Sessions {
  readonly #open: Statement;
  readonly #beat: Statement;
  readonly #all: Statement;
  readonly #end: Statement;
  readonly #endUnchanged: Statement;
  readonly #forget: Statement;
  readonly #held: Statement;
  readonly #heldBy: Statement;
  readonly #cancelled: Statement;
  readonly #forgetClaims: Statement;

  constructor({ db, sessions }: Connection) {
    this.#open = sessions.prepare(OPEN);
    this.#beat = sessions.prepare(BEAT);
    this.#all = sessions.prepare(ALL);
    this.#end = sessions.prepare(END);
    this.#endUnchanged = sessions.prepare(END_UNCHANGED);
    this.#forget = sessions.prepare(FORGET);
    this.#held = db.prepare(HELD);
    this.#heldBy = db.prepare(HELD_BY).pluck();
    this.#cancelled = db.prepare(CANCELLED).pluck();
    this.#forgetClaims = db.prepare(FORGET_CLAIMS);
  }

  open({ id, host, pid, processStart }: NewSession, now: number): void {
    try {
      this.#open.run(id, host, pid, processStart, now, now);
    } catch (error) {
      if ((error as { code?: string }).code !== 'SQLITE_CONSTRAINT_PRIMARYKEY') throw error;
      throw new OmniQError('CONFLICT', `The session ${id} was opened before.`, { hint: 'A session id is used once.', cause: error });
    }
  }

  beat(id: string, now: number): BeatReply {
    const live = this.#beat.run(now, id).changes === 1;
    return { live, leases: this.#heldBy.get(id) as number, cancelled: this.#cancelled.all(id) as string[] };
  }

  /** A session whose row was lost, with the power or the file, is an ended one as long as it holds tasks. */
  all(): readonly SessionRow[] {
    const held = new Map((this.#held.all() as { session: string; leases: number }[]).map(({ session, leases }) => [session, leases]));
    const rows = (this.#all.all() as (Omit<SessionRow, 'ended' | 'leases'> & { ended: number })[]).map((row) => ({
      ...row,
      ended: row.ended === 1,
      leases: held.get(row.id) ?? 0,
    }));
    const known = new Set(rows.map(({ id }) => id));
    const lost = [...held].filter(([id]) => !known.has(id)).map(([id, leases]) => ({ ...unknownSession, id, leases }));
    return [...rows.filter(({ ended, leases }) => !ended || leases > 0), ...lost];
  }

  end(id: string, beats?: number): boolean {
    const { changes } = beats === undefined ? this.#end.run(id) : this.#endUnchanged.run(id, beats);
    // Once it holds nothing more, its row is only in the way: an unknown session is refused like an ended one.
    if ((this.#heldBy.get(id) as number) === 0 && this.#forget.run(id).changes === 1) this.#forgetClaims.run(id);
    return changes === 1;
  }
}

const unknownSession = { host: '', pid: 0, processStart: '', openedAt: 0, beatAt: 0, beats: 0, ended: true };
