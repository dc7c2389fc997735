import { OmniQError, type ClaimedTask, type ClaimRequest } from '@omniq/core/storage';
import type { Statement } from 'better-sqlite3';
import type { Connection } from './connection.ts';
import { CLAIM_COLUMNS, readClaimed, type RawClaim } from './rows.ts';

const DUE_PRIORITY = `SELECT priority FROM tasks WHERE state = 0 AND queue = ? AND priority < ?
  ORDER BY priority DESC LIMIT 1`;

const DUE = `SELECT ${CLAIM_COLUMNS} FROM tasks
  WHERE state = 0 AND queue = ? AND priority = ? AND run_at <= ? AND (expires_at IS NULL OR expires_at > ?)
  ORDER BY run_at, seq LIMIT ?`;

const ANY_DUE = `SELECT 1 FROM tasks WHERE state = 0 AND queue = ? AND priority = ? AND run_at <= ? LIMIT 1`;

const LEASE = `UPDATE tasks SET state = 1, lease = ?, session = ?, started_at = ?, deadline_at = ? WHERE seq = ?`;

const REPEATED = `SELECT ${CLAIM_COLUMNS} FROM tasks INDEXED BY running
  WHERE state = 1 AND session = ? AND lease BETWEEN ? AND ? ORDER BY lease`;

const LAST_CLAIM = `SELECT request, first_lease, last_lease FROM claims WHERE session = ? AND lane = ?`;
const KEEP_CLAIM = `INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?, ?)`;
const LAST_LEASE = `SELECT value FROM counters WHERE name = 'lease'`;
const KEEP_LEASE = `UPDATE counters SET value = ? WHERE name = 'lease'`;
const PAUSED = `SELECT queue FROM queues WHERE json_extract(settings, '$.paused')`;
const BODY = `SELECT body FROM bodies WHERE seq = ?`;
const SESSION = `SELECT ended FROM sessions WHERE id = ?`;

/** Above every priority there is. */
const TOP = 1_001;

/** Leases the best due tasks. Walks distinct priorities, each a range of one index, so rows that are not due cost nothing. */
export class Claims {
  readonly #connection: Connection;
  readonly #duePriority: Statement;
  readonly #due: Statement;
  readonly #anyDue: Statement;
  readonly #lease: Statement;
  readonly #repeated: Statement;
  readonly #lastClaim: Statement;
  readonly #keepClaim: Statement;
  readonly #lastLease: Statement;
  readonly #keepLease: Statement;
  readonly #paused: Statement;
  readonly #body: Statement;
  readonly #session: Statement;

  constructor(connection: Connection) {
    const { db, sessions } = connection;
    this.#connection = connection;
    this.#duePriority = db.prepare(DUE_PRIORITY).pluck();
    this.#due = db.prepare(DUE).raw();
    this.#anyDue = db.prepare(ANY_DUE).pluck();
    this.#lease = db.prepare(LEASE);
    this.#repeated = db.prepare(REPEATED).raw();
    this.#lastClaim = db.prepare(LAST_CLAIM);
    this.#keepClaim = db.prepare(KEEP_CLAIM);
    this.#lastLease = db.prepare(LAST_LEASE).pluck();
    this.#keepLease = db.prepare(KEEP_LEASE);
    this.#paused = db.prepare(PAUSED).pluck();
    this.#body = db.prepare(BODY).pluck();
    this.#session = sessions.prepare(SESSION).pluck();
  }

  /** Whether a claim would find or repeat anything: asked without the write lock, so that idle workers disturb nobody. */
  isWorthwhile(request: ClaimRequest): boolean {
    this.#connection.checkClock(request.now);
    this.#checkSession(request.session);
    if (this.#last(request)?.request === request.request) return true;
    return this.#openQueues(request.queues).some((queue) => this.#hasDue(queue, request.now));
  }

  /** Inside a write transaction. @throws OmniQError `SESSION_ENDED`, `CLOCK_SKEW` */
  claim(request: ClaimRequest): readonly ClaimedTask[] {
    this.#connection.checkClock(request.now);
    // Read under the write lock: whoever ends the session afterwards rescues what is leased here.
    this.#checkSession(request.session);
    const last = this.#last(request);
    if (last?.request === request.request) return this.#repeat(request.session, last);
    const found: RawClaim[] = [];
    for (const queue of this.#openQueues(request.queues)) {
      if (found.length >= request.limit) break;
      this.#gather(queue, request, found);
    }
    return found.length === 0 ? [] : this.#leaseAll(found, request);
  }

  #gather(queue: string, { now, limit }: ClaimRequest, found: RawClaim[]): void {
    let priority = this.#duePriority.get(queue, TOP) as number | undefined;
    while (priority !== undefined && found.length < limit) {
      found.push(...(this.#due.all(queue, priority, now, now, limit - found.length) as RawClaim[]));
      if (found.length < limit) priority = this.#duePriority.get(queue, priority) as number | undefined;
    }
  }

  #hasDue(queue: string, now: number): boolean {
    let priority = this.#duePriority.get(queue, TOP) as number | undefined;
    while (priority !== undefined) {
      if (this.#anyDue.get(queue, priority, now) !== undefined) return true;
      priority = this.#duePriority.get(queue, priority) as number | undefined;
    }
    return false;
  }

  #leaseAll(found: readonly RawClaim[], { session, lane, request, start, now }: ClaimRequest): readonly ClaimedTask[] {
    // Grows even when the file was restored from a backup: time went on meanwhile.
    const first = Math.max((this.#lastLease.get() as number) + 1, now * 1_000);
    const claimed = found.map((raw, index) => {
      const held = { lease: first + index, startedAt: index < start ? now : null, deadlineAt: now + raw[8] };
      this.#lease.run(held.lease, session, held.startedAt, held.deadlineAt, raw[0]);
      return readClaimed(raw, held, this.#bodyOf(raw));
    });
    const lease = first + found.length - 1;
    this.#keepLease.run(lease);
    this.#keepClaim.run(session, lane, request, first, lease);
    return claimed;
  }

  #repeat(session: string, { first_lease: first, last_lease: last }: LastClaim): readonly ClaimedTask[] {
    const rows = this.#repeated.all(session, first, last) as RawClaim[];
    return rows.map((raw) => readClaimed(raw, { lease: raw[14], startedAt: raw[12], deadlineAt: raw[13] }, this.#bodyOf(raw)));
  }

  #last({ session, lane }: ClaimRequest): LastClaim | undefined {
    return this.#lastClaim.get(session, lane) as LastClaim | undefined;
  }

  #bodyOf(raw: RawClaim): Buffer | null {
    return raw[16] === 1 ? (this.#body.get(raw[0]) as Buffer) : raw[17];
  }

  #openQueues(queues: readonly string[]): readonly string[] {
    const paused = this.#paused.all() as string[];
    return paused.length === 0 ? queues : queues.filter((queue) => !paused.includes(queue));
  }

  #checkSession(session: string): void {
    if (this.#session.get(session) === 0) return;
    throw new OmniQError('SESSION_ENDED', `The worker session ${session} is not open.`, { session });
  }
}

interface LastClaim {
  readonly request: number;
  readonly first_lease: number;
  readonly last_lease: number;
}
