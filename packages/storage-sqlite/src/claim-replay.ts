import type { ClaimedTask, ClaimRequest } from '@omniq/core/storage';
import type { Connection, Statement } from './connection.ts';

const FIND_HOLDER = `SELECT holder FROM omniq_holders WHERE session = ?`;

const ADD_HOLDER = `INSERT INTO omniq_holders (session) VALUES (?) RETURNING holder`;

const LANE = `SELECT request, first_lease, last_lease FROM omniq_lanes WHERE holder = ? AND lane = ?`;

const REMEMBER = `
INSERT INTO omniq_lanes (holder, lane, request, first_lease, last_lease) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (holder, lane) DO UPDATE
SET request = excluded.request, first_lease = excluded.first_lease, last_lease = excluded.last_lease`;

const STILL_LEASED = `
SELECT p.id, t.queue, p.name, t.priority, t.run_at AS runAt, t.expires_at AS expiresAt, p.created_at AS createdAt,
  t.attempt, t.crashes, t.redrives, t.started_at AS startedAt, t.deadline_at AS deadlineAt, t.lease, p.body, p.spec
FROM omniq_tasks t INDEXED BY omniq_running CROSS JOIN omniq_payloads p ON p.task = t.seq
WHERE t.state = 2 AND t.holder = ? AND t.lease BETWEEN ? AND ?
ORDER BY t.lease`;

const FORGET = `DELETE FROM omniq_lanes WHERE holder = (SELECT holder FROM omniq_holders WHERE session = ?)`;

/** Claims that found nothing, of so many lanes, are remembered; only a lane that claims no more is ever dropped. */
const MAX_EMPTY = 10_000;

/**
 * Knows the last request of each lane, so that a claim whose reply was lost can be repeated. One that leased tasks is
 * written with its leases; one that found nothing is kept in memory: forgetting it could leak no lease.
 */
export class ClaimReplay {
  readonly #findHolder: Statement;
  readonly #addHolder: Statement;
  readonly #lane: Statement;
  readonly #remember: Statement;
  readonly #stillLeased: Statement;
  readonly #forget: Statement;
  readonly #empty = new Map<string, number>();

  constructor(db: Connection) {
    this.#findHolder = db.prepare(FIND_HOLDER).pluck();
    this.#addHolder = db.prepare(ADD_HOLDER).pluck();
    this.#lane = db.prepare(LANE).raw();
    this.#remember = db.prepare(REMEMBER);
    this.#stillLeased = db.prepare(STILL_LEASED);
    this.#forget = db.prepare(FORGET);
  }

  isKnown(request: ClaimRequest): boolean {
    return this.find(request) !== undefined;
  }

  /** What the request leased when it was first made and still runs; `undefined` for a new one. */
  find({ session, lane, request }: ClaimRequest): readonly ClaimedTask[] | undefined {
    if ((this.#empty.get(laneKey(session, lane)) ?? 0) >= request) return [];
    const holder = this.#findHolder.get(session);
    if (holder === undefined) return undefined;
    const [last, first, end] = (this.#lane.get(holder, lane) ?? [0, 0, 0]) as [number, number, number];
    if (request > last) return undefined;
    // An older request than the last one is a straggler whose answer nobody waits for.
    return request < last ? [] : (this.#stillLeased.all(holder, first, end) as ClaimedTask[]);
  }

  /** Returns the number that stands for the session in its tasks. */
  remember({ session, lane, request }: ClaimRequest, firstLease: number, lastLease: number): number {
    const holder = (this.#findHolder.get(session) ?? this.#addHolder.get(session)) as number;
    this.#remember.run(holder, lane, request, firstLease, lastLease);
    return holder;
  }

  rememberEmpty({ session, lane, request }: ClaimRequest): void {
    const key = laneKey(session, lane);
    this.#empty.delete(key);
    this.#empty.set(key, request);
    if (this.#empty.size <= MAX_EMPTY) return;
    const [oldest] = this.#empty.keys();
    this.#empty.delete(oldest as string);
  }

  /** For a session that has ended: its requests are refused from now on. */
  forget(session: string): void {
    this.#forget.run(session);
  }
}

function laneKey(session: string, lane: number): string {
  return `${lane} ${session}`;
}
