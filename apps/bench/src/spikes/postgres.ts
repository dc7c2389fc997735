import { OmniQError, type BeatReply, type Change, type ChangeOutcome, type ClaimedTask } from '@omniq/core/storage';
import type { ClaimRequest, InsertOutcome, NewSession, NewTask, SessionRow, SwapOutcome } from '@omniq/core/storage';
import pg from 'pg';
import * as sql from './postgres-statements.ts';
import { SCHEMA } from './postgres-schema.ts';
import type { StoreSpike } from './store-spike.ts';

/** The verbs of a task store that decide its speed, on PostgreSQL: what the contract costs there. */
export class PostgresSpike implements StoreSpike {
  readonly #pool: pg.Pool;
  readonly #url: string;
  readonly #queues = new Set<string>();
  /** What virtual time is ahead of the server's clock, in ms; tests only. */
  readonly #aheadMs: number;

  constructor(url: string, { connections = 2, aheadMs = 0 }: { connections?: number; aheadMs?: number } = {}) {
    this.#url = url;
    this.#pool = new pg.Pool({ connectionString: url, max: connections });
    this.#pool.on('error', () => undefined); // An idle connection that breaks is replaced at the next use.
    this.#aheadMs = aheadMs;
  }

  async migrate(): Promise<void> {
    await this.#pool.query(SCHEMA);
  }

  async insert(rows: readonly NewTask[], now: number): Promise<InsertOutcome[]> {
    await this.#knowQueues(rows);
    const fresh = await this.#ids('insert', sql.INSERT, [...insertColumns(distinct(rows)), now, this.#aheadMs]);
    const known = fresh.size === rows.length ? fresh : await this.#known(rows);
    return rows.map(({ id }) => {
      if (fresh.delete(id)) return { status: 'inserted', settled: false };
      return { status: known.has(id) ? 'exists' : 'late' };
    });
  }

  async claim(request: ClaimRequest): Promise<readonly ClaimedTask[]> {
    const rows = await this.#rows<Claimed>('claim', sql.CLAIM, claimColumns(request));
    return rows.length > 0 ? inOrder(rows) : this.#repeat(request);
  }

  async update(changes: readonly Change[], _now: number): Promise<readonly ChangeOutcome[]> {
    const outcomes: ChangeOutcome[] = changes.map(() => ({ status: 'applied' }));
    const back = changes.flatMap((change, nth) => (change.set.state === 'waiting' ? [{ change, nth }] : []));
    const ends = changes.flatMap((change, nth) => (change.set.state === 'waiting' ? [] : [{ change, nth }]));
    if (ends.length > 0) {
      const odd = await this.#rows<Odd>('update', sql.UPDATE, finishColumns(ends.map(({ change }) => change)));
      for (const { nth, status } of odd) outcomes[ends[nth - 1]?.nth ?? -1] = outcome(status);
    }
    if (back.length > 0) {
      const odd = await this.#rows<Odd>('return', sql.RETURN, returnColumns(back.map(({ change }) => change)));
      for (const { nth, status } of odd) outcomes[back[nth - 1]?.nth ?? -1] = outcome(status);
    }
    return outcomes;
  }

  /** Only changes that end tasks: the others go through {@link update}, which a store would put in one transaction. */
  async swap(changes: readonly Change[], request: ClaimRequest): Promise<SwapOutcome> {
    const values = [...finishColumns(changes), ...claimColumns(request)];
    const rows = await this.#rows<Claimed & SwapHead>('swap', sql.SWAP, values);
    const outcomes: ChangeOutcome[] = changes.map(() => ({ status: 'applied' }));
    const [head] = rows;
    head?.odd?.forEach((nth, i) => (outcomes[nth - 1] = outcome(head.statuses?.[i] ?? 'stale')));
    return { outcomes, claimed: head?.me === null ? await this.#repeat(request) : inOrder(rows) };
  }

  async open({ id, host, pid, processStart }: NewSession, now: number): Promise<void> {
    const values = [id, host, pid, processStart, now];
    const columns = 'id, host, pid, process_start, opened_at, beat_at';
    await this.#rows(
      'open',
      `insert into session (${columns}) values ($1, $2, $3, $4, $5, $5) on conflict do nothing`,
      values,
    );
  }

  async beat(session: string, now: number): Promise<BeatReply> {
    const [reply] = await this.#rows<BeatReply>('beat', sql.BEAT, [session, now]);
    return reply ?? { live: false, leases: 0, cancelled: [] };
  }

  async sessions(): Promise<readonly SessionRow[]> {
    return this.#rows<SessionRow>('sessions', sql.SESSIONS, []);
  }

  async end(session: string, beats?: number): Promise<boolean> {
    const { rowCount } = await this.#pool.query({ name: 'end', text: sql.END, values: [session, beats ?? null] });
    return rowCount === 1;
  }

  async running(session: string, limit: number): Promise<readonly { id: string; lease: number }[]> {
    return this.#rows('running', sql.RUNNING, [session, limit]);
  }

  async left(now: number): Promise<number> {
    const text = `select count(*)::int as left from live where state <> 'w' or run_at <= $1`;
    const [row] = await this.#rows<{ left: number }>('left', text, [now]);
    return row?.left ?? 0;
  }

  async idle(): Promise<void> {
    await this.#rows('idle', 'insert into idle values ($1) on conflict do nothing', [String(process.pid)]);
  }

  async listen(wake: () => void): Promise<() => Promise<void>> {
    const client = new pg.Client({ connectionString: this.#url });
    await client.connect();
    client.on('notification', wake);
    await client.query('listen bench');
    return () => client.end();
  }

  async pause(queue: string, paused: boolean): Promise<void> {
    const text = 'insert into queue (name, paused) values ($1, $2) on conflict (name) do update set paused = $2';
    await this.#rows('pause', text, [queue, paused]);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /** Not admitted: the session was ended, or the request was made before. */
  async #repeat({ session, lane, request }: ClaimRequest): Promise<readonly ClaimedTask[]> {
    const text = 'select ended, lanes[$2::int + 1] as last from session where id = $1';
    const [row] = await this.#rows<{ ended: boolean; last: number }>('session', text, [session, lane]);
    if (row === undefined || row.ended) throw new OmniQError('SESSION_ENDED', `Session ${session} is not open.`);
    if (row.last !== request) return []; // An older request that arrives late leases nothing.
    return inOrder(await this.#rows<Claimed>('repeat', sql.REPEAT, [session, lane, request]));
  }

  async #knowQueues(rows: readonly NewTask[]): Promise<void> {
    const unknown = new Set(rows.map(({ queue }) => queue).filter((queue) => !this.#queues.has(queue)));
    if (unknown.size === 0) return;
    await this.#rows('queues', sql.QUEUES, [[...unknown]]);
    for (const queue of unknown) this.#queues.add(queue);
  }

  async #known(rows: readonly NewTask[]): Promise<Set<string>> {
    return this.#ids('known', 'select id from task where id = any($1)', [rows.map(({ id }) => id)]);
  }

  async #ids(name: string, text: string, values: unknown[]): Promise<Set<string>> {
    return new Set((await this.#rows<{ id: string }>(name, text, values)).map(({ id }) => id));
  }

  async #rows<Row extends object>(name: string, text: string, values: unknown[]): Promise<Row[]> {
    return (await this.#pool.query<Row>({ name, text, values, types })).rows;
  }
}

type Claimed = { nth: number; id: string | null } & Record<string, unknown>;
type Odd = { nth: number; status: string };
type SwapHead = { odd: number[] | null; statuses: string[] | null; me: number | null };

/** Every 64-bit column here stays below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

function outcome(status: string): ChangeOutcome {
  if (status === 'dependents') return { status: 'applied', dependents: true };
  return { status: status as ChangeOutcome['status'] };
}

function inOrder(rows: readonly Claimed[]): ClaimedTask[] {
  const tasks = rows.filter(({ id }) => id !== null).toSorted((a, b) => a.nth - b.nth);
  return tasks as unknown as ClaimedTask[];
}

/** The first of each id: one statement cannot insert and then skip the same id. */
function distinct(rows: readonly NewTask[]): readonly NewTask[] {
  const byId = new Map(rows.toReversed().map((row) => [row.id, row]));
  return byId.size === rows.length ? rows : [...byId.values()].toReversed();
}

function insertColumns(rows: readonly NewTask[]): unknown[] {
  const keys = ['id', 'queue', 'name', 'priority', 'runAt', 'expiresAt', 'admitBy', 'holdMs', 'body', 'spec'] as const;
  return keys.map((key) => rows.map((row) => row[key]));
}

function claimColumns({ session, lane, request, queues, now, limit, start }: ClaimRequest): unknown[] {
  return [session, lane, request, queues, now, limit, start];
}

function lease({ guard }: Change): number | null {
  return 'lease' in guard ? guard.lease : null;
}

function finishColumns(changes: readonly Change[]): unknown[] {
  return [
    changes.map(({ id }) => id),
    changes.map(lease),
    changes.map(({ set }) => set.state ?? 'completed'),
    changes.map(({ set }) => set.finishedAt ?? null),
    changes.map(({ set }) => set.attempt ?? null),
    changes.map(({ result }) => result ?? null),
    changes.map(({ guard }) => 'lease' in guard && guard.uncancelled === true),
  ];
}

function returnColumns(changes: readonly Change[]): unknown[] {
  const pick = (key: 'runAt' | 'attempt' | 'crashes'): unknown[] => changes.map(({ set }) => set[key] ?? null);
  return [changes.map(({ id }) => id), changes.map(lease), pick('runAt'), pick('attempt'), pick('crashes')];
}
