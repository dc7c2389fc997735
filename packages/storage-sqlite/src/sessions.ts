import { OmniQError, type BeatReply, type NewSession, type SessionRow } from '@omniq/core/storage';
import type { Connection, Statement } from './connection.ts';
import type { Leases } from './leases.ts';

const OPEN = `
INSERT INTO omniq_sessions (id, host, pid, process_start, opened_at, beat_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO NOTHING`;

const IS_OPEN = `SELECT 1 FROM omniq_sessions WHERE id = ? AND ended_at IS NULL`;

const BEAT = `UPDATE omniq_sessions SET beat_at = ?, beats = beats + 1 WHERE id = ? AND ended_at IS NULL`;

const END = `UPDATE omniq_sessions SET ended_at = unixepoch() WHERE id = ? AND ended_at IS NULL AND beats = coalesce(?, beats)`;

const ALL = `SELECT id, host, pid, process_start, opened_at, beat_at, beats, ended_at FROM omniq_sessions ORDER BY opened_at, id`;

const ENDED_LONG_AGO = `
SELECT id FROM omniq_sessions INDEXED BY omniq_sessions_ended
WHERE ended_at IS NOT NULL AND ended_at < unixepoch() - ? ORDER BY ended_at LIMIT 64`;

const FORGET = `DELETE FROM omniq_sessions WHERE id = ?`;

/** A session that ended is remembered for a day: its id opens no second one. */
const REMEMBER_SECONDS = 86_400;

type SessionColumns = readonly [
  id: string,
  host: string,
  pid: number,
  processStart: string,
  openedAt: number,
  beatAt: number,
  beats: number,
  endedAt: number | null,
];

/**
 * Worker sessions, on a connection and a file of their own: no transaction on the tasks holds up a beat. A claim asks
 * {@link isOpen} while it has the write lock of the tasks, and whoever ends a session marks it first and then waits for
 * that lock once; so when `end` returns no claim of the session is under way any more.
 */
export class Sessions {
  readonly #db: Connection;
  readonly #leases: Leases;
  readonly #open: Statement;
  readonly #isOpen: Statement;
  readonly #beat: Statement;
  readonly #end: Statement;
  readonly #all: Statement;
  readonly #endedLongAgo: Statement;
  readonly #forget: Statement;

  constructor(db: Connection, leases: Leases) {
    this.#db = db;
    this.#leases = leases;
    this.#open = db.prepare(OPEN);
    this.#isOpen = db.prepare(IS_OPEN).pluck();
    this.#beat = db.prepare(BEAT);
    this.#end = db.prepare(END);
    this.#all = db.prepare(ALL).raw();
    this.#endedLongAgo = db.prepare(ENDED_LONG_AGO).pluck();
    this.#forget = db.prepare(FORGET);
  }

  /** @throws OmniQError `SESSION_ENDED` for the id of one that has ended */
  open({ id, host, pid, processStart }: NewSession, now: number): void {
    const counts = this.#leases.counts();
    const isOpen = this.#db.write(() => {
      for (const old of this.#endedLongAgo.all(REMEMBER_SECONDS) as string[])
        if (!counts.has(old)) this.#forget.run(old);
      this.#open.run(id, host, pid, processStart, now, now);
      return this.#isOpen.get(id) !== undefined;
    });
    if (isOpen) return;
    throw new OmniQError('SESSION_ENDED', `The session ${id} has ended and cannot be opened again.`, { session: id });
  }

  isOpen(id: string): boolean {
    return this.#db.read(() => this.#isOpen.get(id)) !== undefined;
  }

  beat(id: string, now: number): BeatReply {
    const { changes } = this.#db.write(() => this.#beat.run(now, id));
    return { live: changes === 1, ...this.#leases.of(id) };
  }

  /** Marks it as ended, of any number of callers once. */
  markEnded(id: string, beats: number | undefined): boolean {
    return this.#db.write(() => this.#end.run(id, beats ?? null).changes === 1);
  }

  list(): readonly SessionRow[] {
    // First the leases: a session is there before its first claim, so none is missed.
    const counts = this.#leases.counts();
    const stored = this.#db.read(() => this.#all.all() as SessionColumns[]);
    const known = stored.map((columns) => sessionRow(columns, counts.get(columns[0]) ?? 0));
    for (const [id] of stored) counts.delete(id);
    return [...known.filter(({ ended, leases }) => !ended || leases > 0), ...[...counts].map(lostSession)];
  }
}

function sessionRow(
  [id, host, pid, processStart, openedAt, beatAt, beats, endedAt]: SessionColumns,
  leases: number,
): SessionRow {
  return { id, host, pid, processStart, openedAt, beatAt, beats, ended: endedAt !== null, leases };
}

/** The file of the sessions is gone, as after restoring a backup without it: what they held is there to be rescued. */
function lostSession([id, leases]: [string, number]): SessionRow {
  return { id, host: '', pid: 0, processStart: '', openedAt: 0, beatAt: 0, beats: 0, ended: true, leases };
}
