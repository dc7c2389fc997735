import { OmniQError, type ClaimedTask, type ClaimRequest } from '@omniq/core/storage';
import { ClaimReplay } from './claim-replay.ts';
import { ClaimWalk, type DueColumns } from './claim-walk.ts';
import type { Connection, Statement } from './connection.ts';
import type { HeldLeases } from './held-leases.ts';
import type { Sessions } from './sessions.ts';

const TAKE_LEASES = `
UPDATE omniq_counters SET last = max(last + 1, ?) + ? - 1 WHERE name = 'lease' RETURNING last`;

/** Of neighbours, whose leases are neighbours as well. */
const LEASE = `
UPDATE omniq_tasks NOT INDEXED SET state = 2, lease = seq + ?, holder = ?, started_at = ?, deadline_at = ? + hold_ms
WHERE seq BETWEEN ? AND ?`;

/** Leases due tasks to sessions. */
export class Claims {
  readonly #db: Connection;
  readonly #sessions: Sessions;
  readonly #walk: ClaimWalk;
  readonly #replay: ClaimReplay;
  readonly #held: HeldLeases;
  readonly #takeLeases: Statement;
  readonly #lease: Statement;

  constructor(db: Connection, sessions: Sessions, held: HeldLeases) {
    this.#db = db;
    this.#sessions = sessions;
    this.#walk = new ClaimWalk(db);
    this.#replay = new ClaimReplay(db);
    this.#held = held;
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
    const first = last - due.length + 1;
    const holder = this.#replay.remember(request, first, last);
    this.#leaseAll(due, first, holder, request);
    const claimed = due.map((columns, index) =>
      claimedTask(columns, first + index, index < request.start, request.now),
    );
    this.#held.add({ holder, first, seqs: due.map(([seq]) => seq), ids: claimed.map(({ id }) => id) });
    return claimed;
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

  /** Neighbours share a statement, up to the first that does not start at once. */
  #leaseAll(due: readonly DueColumns[], first: number, holder: number, { start, now }: ClaimRequest): void {
    for (let from = 0, to = 1; from < due.length; from = to, to += 1) {
      const [seq] = due[from] as DueColumns;
      while (to < due.length && to !== start && due[to]?.[0] === seq + to - from) to += 1;
      this.#lease.run(first + from - seq, holder, from < start ? now : null, now, seq, seq + to - from - 1);
    }
  }

  #checkSession(session: string): void {
    if (this.#sessions.isOpen(session)) return;
    throw new OmniQError('SESSION_ENDED', `The session ${session} is not open.`, {
      hint: 'Open a new one; the tasks of the old one go to others.',
      session,
    });
  }
}

function claimedTask(columns: DueColumns, lease: number, starts: boolean, now: number): ClaimedTask {
  return {
    id: columns[1],
    queue: columns[2],
    name: columns[3],
    priority: columns[4],
    runAt: columns[5],
    expiresAt: columns[6],
    createdAt: columns[7],
    attempt: columns[8],
    crashes: columns[9],
    redrives: columns[10],
    startedAt: starts ? now : null,
    deadlineAt: now + columns[11],
    lease,
    body: columns[12],
    spec: columns[13],
  };
}
