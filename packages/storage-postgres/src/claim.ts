import { OmniQError, type ClaimedTask, type ClaimRequest } from '@omniq/core/storage';
import { ADD_LANE, CLAIM, NEXT_DUE, REPEAT, SESSION } from './claim-statement.ts';
import type { Database, Runner } from './database.ts';
import { constraintOf, sqlStateOf } from './failure.ts';

/** A row of a claim, or the one row that says that there is none. */
export type ClaimedRow = {
  readonly nth: number;
  readonly seq: number;
  readonly id: string | null;
  readonly ordered: boolean;
} & ClaimHead;

export interface ClaimHead {
  /** The session, unless there was nothing to lease. */
  readonly me: number | null;
  /** Whether the session was open and the request a new one; `null` for a session that there is not. */
  readonly fresh: boolean | null;
  readonly due: boolean | null;
}

/** Claims that found nothing, of so many lanes, are remembered; only a lane that claims no more is ever dropped. */
const MAX_EMPTY = 10_000;

const MAX_HELD = 50_000;

/** The number of a task, and whether its end lets another one of its ordering key go. */
export interface Held {
  readonly seq: number;
  readonly isOrdered: boolean;
}

/** Two claimers took two tasks of one ordering key at once; one of them looks again. */
const MAX_TRIES = 5;

/** Leases due tasks to sessions. */
export class Claims {
  readonly #db: Database;
  readonly #empty = new Map<string, number>();
  /** What is known of the leases that this process took. */
  readonly #held = new Map<string, Held>();

  constructor(db: Database) {
    this.#db = db;
  }

  async claim(request: ClaimRequest, on: Runner = this.#db): Promise<readonly ClaimedTask[]> {
    if (this.wasEmpty(request)) {
      await this.#checkOpen(request, on);
      return [];
    }
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#once(request, on);
      } catch (error) {
        if (on !== this.#db || tries >= MAX_TRIES || !isOrderRace(error)) throw asBusy(error);
      }
    }
  }

  /** Whether this process has answered the request, or a later one of its lane, with nothing. */
  wasEmpty({ session, lane, request }: ClaimRequest): boolean {
    return (this.#empty.get(laneKey(session, lane)) ?? 0) >= request;
  }

  /** Of a lease that this process took. A hint: without it the task is looked up by its id. */
  held(id: string, lease: number): Held | undefined {
    return this.#held.get(leaseKey(id, lease));
  }

  settled(id: string, lease: number): void {
    this.#held.delete(leaseKey(id, lease));
  }

  /** Reads the answer of a claim; `undefined` where it was refused. */
  taken(rows: readonly ClaimedRow[], request: ClaimRequest): readonly ClaimedTask[] | undefined {
    const [head] = rows;
    if (head === undefined || head.fresh !== true || (head.me === null && head.due === true)) return undefined;
    const tasks = this.#tasks(rows);
    if (head.me === null) this.#rememberEmpty(request);
    return tasks;
  }

  /** Not admitted: the session has ended, or the request was made before. */
  async repeat(request: ClaimRequest, on: Runner = this.#db): Promise<readonly ClaimedTask[]> {
    const { session, lane, queues } = request;
    const last = await this.#checkOpen(request, on);
    if (last === null) {
      await on.rows(ADD_LANE, [session, request.lane]);
      return this.#once(request, on);
    }
    // Of an older request nobody waits for the answer any more.
    if (last !== request.request) return [];
    return this.#tasks(await on.rows<ClaimedRow>(REPEAT, [session, lane, request.request, queues]));
  }

  async nextDue(queues: readonly string[], now: number): Promise<number | null> {
    const [row] = await this.#db.rows<{ due: number | null }>(NEXT_DUE, [queues, now]);
    return row?.due ?? null;
  }

  async #once(request: ClaimRequest, on: Runner): Promise<readonly ClaimedTask[]> {
    const rows = await on.rows<ClaimedRow>(CLAIM, claimValues(request));
    return this.taken(rows, request) ?? this.repeat(request, on);
  }

  async #checkOpen({ session, lane }: ClaimRequest, on: Runner): Promise<number | null> {
    const [row] = await on.rows<{ ended: boolean; last: number | null }>(SESSION, [session, lane]);
    if (row !== undefined && !row.ended) return row.last;
    throw new OmniQError('SESSION_ENDED', `The session ${session} is not open.`, {
      hint: 'Open a new one; the tasks of the old one go to others.',
      session,
    });
  }

  #tasks(rows: readonly ClaimedRow[]): readonly ClaimedTask[] {
    // Leases that others took away are never settled here.
    if (this.#held.size > MAX_HELD) this.#held.clear();
    const found = rows.filter(({ id }) => id !== null).toSorted((a, b) => a.nth - b.nth);
    return found.map((row) => {
      const { nth: _nth, seq, ordered, me: _me, fresh: _fresh, due: _due, ...task } = row as ClaimedRow & ClaimedTask;
      this.#held.set(leaseKey(task.id, task.lease), { seq, isOrdered: ordered });
      return task;
    });
  }

  #rememberEmpty({ session, lane, request }: ClaimRequest): void {
    const key = laneKey(session, lane);
    this.#empty.delete(key);
    this.#empty.set(key, request);
    if (this.#empty.size <= MAX_EMPTY) return;
    const [oldest] = this.#empty.keys();
    this.#empty.delete(oldest as string);
  }
}

export function claimValues({ session, lane, request, queues, now, limit, start }: ClaimRequest): unknown[] {
  return [session, lane, request, [...new Set(queues)], now, limit, start];
}

function leaseKey(id: string, lease: number): string {
  return `${lease} ${id}`;
}

function laneKey(session: string, lane: number): string {
  return `${lane} ${session}`;
}

/** Whether the index that lets one task of an ordering key run has refused a second one. */
export function isOrderRace(error: unknown): boolean {
  return sqlStateOf(error) === '23505' && constraintOf(error) === 'live_order_running';
}

function asBusy(error: unknown): unknown {
  if (!isOrderRace(error)) return error;
  return new OmniQError('STORE_BUSY', 'Others claimed tasks of the same ordering keys at the same time.', {
    cause: error,
    backend: 'postgres',
  });
}
