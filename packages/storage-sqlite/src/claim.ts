import { OmniQError, type ClaimedTask, type ClaimRequest } from '@omniq/core/storage';
import { ClaimReplay } from './claim-replay.ts';
import { ClaimWalk, type DueColumns } from './claim-walk.ts';
import type { Connection, Statement } from './connection.ts';
import type { Sessions } from './sessions.ts';

const TAKE_LEASES = `
UPDATE omniq_counters SET last = max(last + 1, ?) + ? - 1 WHERE name = 'lease' RETURNING last`;

const LEASE = `UPDATE omniq_tasks SET state = 2, lease = ?, holder = ?, started_at = ?, deadline_at = ? WHERE seq = ?`;

/** Leases due tasks to sessions. */
export class Claims {
  readonly #db: Connection;
  readonly #sessions: Sessions;
  readonly #walk: ClaimWalk;
  readonly #replay: ClaimReplay;
  readonly #takeLeases: Statement;
  readonly #lease: Statement;

  constructor(db: Connection, sessions: Sessions) {
    this.#db = db;
    this.#sessions = sessions;
    this.#walk = new ClaimWalk(db);
    this.#replay = new ClaimReplay(db);
    this.#takeLeases = db.prepare(TAKE_LEASES).pluck();
    this.#lease = db.prepare(LEASE);
  }

  /**
   * `time` is the store's. An idle worker's claim takes no write lock, and none waits for a flush: with the power goes
   * the worker too, its tasks wait again, and the clock keeps the leases apart.
   */
  claim(request: ClaimRequest, time: number): readonly ClaimedTask[] {
    if (this.#db.snapshot(() => this.#isIdle(request))) return [];
    return this.#db.writeUnflushed(() => this.lease(request, time));
  }

  /** The claim itself, inside a write transaction of the caller's: a session that ends meanwhile waits for its commit. */
  lease(request: ClaimRequest, time: number): readonly ClaimedTask[] {
    this.#checkSession(request.session);
    const repeated = this.#replay.find(request);
    if (repeated !== undefined) return repeated;
    const due = this.#walk.due(request.queues, request.limit, request.now);
    if (due.length === 0) {
      this.#replay.rememberEmpty(request);
      return [];
    }
    const last = this.#takeLeases.get(time * 1_000, due.length) as number;
    const holder = this.#replay.remember(request, last - due.length + 1, last);
    return due.map((columns, index) => this.#leaseOne(columns, index, last - due.length + 1 + index, holder, request));
  }

  forget(session: string): void {
    this.#replay.forget(session);
  }

  #isIdle(request: ClaimRequest): boolean {
    this.#checkSession(request.session);
    if (this.#replay.isKnown(request)) return false;
    if (this.#walk.due(request.queues, Math.min(request.limit, 1), request.now).length > 0) return false;
    this.#replay.rememberEmpty(request);
    return true;
  }

  #leaseOne(columns: DueColumns, index: number, lease: number, holder: number, request: ClaimRequest): ClaimedTask {
    const [
      seq,
      id,
      queue,
      name,
      priority,
      runAt,
      expiresAt,
      createdAt,
      attempt,
      crashes,
      redrives,
      holdMs,
      body,
      spec,
    ] = columns;
    const startedAt = index < request.start ? request.now : null;
    const deadlineAt = request.now + holdMs;
    this.#lease.run(lease, holder, startedAt, deadlineAt, seq);
    return {
      id,
      queue,
      name,
      priority,
      runAt,
      expiresAt,
      createdAt,
      attempt,
      crashes,
      redrives,
      startedAt,
      deadlineAt,
      lease,
      body,
      spec,
    };
  }

  #checkSession(session: string): void {
    if (this.#sessions.isOpen(session)) return;
    throw new OmniQError('SESSION_ENDED', `The session ${session} is not open.`, {
      hint: 'Open a new one; the tasks of the old one go to others.',
      session,
    });
  }
}
