import { OmniQError, type ClaimedTask, type ClaimRequest } from '@omniq/core/storage';
import { ADD_LANE, CLAIM, NEXT_DUE, REPEAT, SESSION } from './claim-statement.ts';
import type { Database, Runner } from './database.ts';
import { constraintOf, sqlStateOf } from './failure.ts';

/** A row of a claim: the first is its head, the others are tasks. */
export interface ClaimedRow {
  /** The session, unless there was nothing to lease. */
  readonly me: number | null;
  /** Whether the session was open and the request a new one; `null` for a session that there is not. */
  readonly fresh: boolean | null;
  readonly due: boolean | null;
  /** The numbers of the queues, in the order of the request. */
  readonly queues: readonly (number | null)[] | null;
  readonly facts: readonly number[] | null;
  /** Of a repeated request, whose queues need not be the same. */
  readonly queue?: string;
  readonly id: string;
  readonly name: string;
  readonly body: Uint8Array | null;
  readonly spec: Uint8Array | null;
}

/** Claims that found nothing, of so many lanes, are remembered; only a lane that claims no more is ever dropped. */
const MAX_EMPTY = 10_000;

const MAX_HELD = 50_000;

/** The number of a task that runs here, and whether its end lets another one of its ordering key go. */
export interface Held {
  readonly lease: number;
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
    const held = this.#held.get(id);
    return held?.lease === lease ? held : undefined;
  }

  settled(id: string, lease: number): void {
    if (this.held(id, lease) !== undefined) this.#held.delete(id);
  }

  /** Reads the answer of a claim; `undefined` where it was refused. */
  taken(rows: readonly ClaimedRow[], request: ClaimRequest): readonly ClaimedTask[] | undefined {
    const [head] = rows;
    if (head === undefined || head.fresh !== true || (head.me === null && head.due === true)) return undefined;
    const tasks = this.#tasks(rows.slice(1), head.queues, request);
    if (head.me === null) this.#rememberEmpty(request);
    return tasks;
  }

  /** Not admitted: the session has ended, or the request was made before. */
  async repeat(request: ClaimRequest, on: Runner = this.#db): Promise<readonly ClaimedTask[]> {
    const { session, lane } = request;
    const last = await this.#checkOpen(request, on);
    if (last === null) {
      await on.rows(ADD_LANE, [session, request.lane]);
      return this.#once(request, on);
    }
    // Of an older request nobody waits for the answer any more.
    if (last !== request.request) return [];
    const rows = await on.rows<ClaimedRow>(REPEAT, [session, lane, request.request]);
    return this.#tasks(rows, null, request);
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

  #tasks(
    rows: readonly ClaimedRow[],
    numbers: readonly (number | null)[] | null,
    request: ClaimRequest,
  ): readonly ClaimedTask[] {
    // Leases that others took away are never settled here.
    if (this.#held.size > MAX_HELD) this.#held.clear();
    const queues = new Map(distinctQueues(request).map((queue, n) => [numbers?.[n], queue]));
    const inOrder = rows.toSorted((a, b) => placeOf(a) - placeOf(b));
    return inOrder.map((row) => {
      const { seq, isOrdered, task } = readTask(row, queues);
      this.#held.set(task.id, { lease: task.lease, seq, isOrdered });
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

export function claimValues(asked: ClaimRequest): unknown[] {
  const { session, lane, request, now, limit, start } = asked;
  return [session, lane, request, distinctQueues(asked), now, limit, start];
}

function distinctQueues({ queues }: ClaimRequest): string[] {
  return [...new Set(queues)];
}

/** The first of the facts. */
function placeOf({ facts }: ClaimedRow): number {
  return facts?.[0] ?? 0;
}

/** What the facts of a row are, in their order. */
type ClaimedFacts = readonly [
  nth: number,
  seq: number,
  lease: number,
  queue: number,
  priority: number,
  runAt: number,
  expiresAt: number | null,
  attempt: number,
  crashes: number,
  redrives: number,
  startedAt: number | null,
  deadlineAt: number | null,
  createdAt: number,
  ordered: number,
];

function readTask(
  { facts, queue: known, id, name, body, spec }: ClaimedRow,
  queues: ReadonlyMap<number | null | undefined, string>,
): { readonly seq: number; readonly isOrdered: boolean; readonly task: ClaimedTask } {
  const [
    ,
    seq,
    lease,
    number,
    priority,
    runAt,
    expiresAt,
    attempt,
    crashes,
    redrives,
    startedAt,
    deadlineAt,
    createdAt,
  ] = facts as unknown as ClaimedFacts;
  const queue = known ?? (queues.get(number) as string);
  const counts = { attempt, crashes, redrives };
  const times = { runAt, expiresAt, createdAt, startedAt, deadlineAt };
  return {
    seq,
    isOrdered: facts?.at(-1) === 1,
    task: { id, queue, name, priority, ...times, ...counts, lease, body, spec },
  };
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
