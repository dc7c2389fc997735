import { OmniQError, type InsertOutcome, type NewTask } from '@omniq/core/storage';
import type { Runner } from './database.ts';
import { isTerminal } from './state-code.ts';

/** In sorted order, so that two calls with the same keys never wait for each other. */
export const LOCK_KEYS = `
select pg_advisory_xact_lock(h) from (
  select distinct hashtextextended('@key ' || k, 0) as h from unnest($1::text[]) k order by h offset 0
) keys`;

const KNOWN = `
select id, seq, gone_until from @.task where id = any($1::text[])`;

const CLOCK = `select @.clock($1::int8) / 1000 as ms`;

/** Ids whose time is up are free again. */
export const FORGET: string = `delete from @.task where id = any($1::text[]) and gone_until <= $2`;

/** Who holds which key, by a live task or for a period. */
export const HOLDERS = `
select l.live_key as key, t.id from @.live l join @.task t using (seq) where l.live_key = any($1::text[])
union all
select key, task from @.period_key where key = any($1::text[]) and until > $2`;

/** Whoever ends a parent waits for this lock and then sees, in its row, that it has to look for children. */
const LOCK_LIVE_PARENTS = `
with parents as materialized (
  select l.seq from @.live l where l.seq in (select seq from @.task where id = any($1::text[])) order by l.seq for update
)
update @.live l set awaited = true from parents p where l.seq = p.seq
returning l.seq, (select id from @.task t where t.seq = l.seq) as id, l.state`;

/** Keeps a parent that has ended from being removed meanwhile. */
const LOCK_ENDED_PARENTS = `
select d.seq, (select id from @.task t where t.seq = d.seq) as id, d.state from @.done d
where d.seq in (select seq from @.task where id = any($1::text[])) order by d.seq for share`;

const INSERT = `
with input as materialized (
  select i.*, q.number from unnest($1::text[], $2::text[], $3::text[], $4::int2[], $5::int8[], $6::int8[], $7::int8[],
    $8::text[], $9::text[], $10::text[], $11::int8[], $12::int4[], $13::bytea[], $14::bytea[]) with ordinality
    as i (id, queue, name, priority, run_at, expires_at, hold_ms, order_key, limit_key, unique_key, unique_until, waits_for,
    spec, body, nth)
  join @.queue q on q.name = i.queue
), fresh as (
  insert into @.task (id, queue, name, created_at, hold_ms, order_key, limit_key, unique_key, unique_until, spec, body)
  select id, number, name, $15::int8, hold_ms, order_key, limit_key, unique_key, unique_until, spec, body
  from input order by nth on conflict (id) do nothing returning id, seq
), added as (
  insert into @.live (seq, queue, priority, run_at, expires_at, order_key, live_key, waits_for, state, awaited)
  select f.seq, i.number, i.priority, i.run_at, i.expires_at, i.order_key,
    case when i.unique_until is null then i.unique_key end, coalesce(i.waits_for, 0),
    case when i.waits_for > 0 then 'b'::"char" else 'w'::"char" end, i.id = any($16::text[])
  from fresh f join input i using (id)
)
select id, seq from fresh`;

const INSERT_EDGES = `
insert into @.edge (child, parent, policy) select * from unnest($1::int8[], $2::int8[], $3::text[])`;

/** Takes the chance to forget a few keys whose time is over. */
const HOLD_PERIODS = `
with forgotten as (
  delete from @.period_key where key in (
    select key from @.period_key where until <= $4 and key <> all($1::text[]) order by until limit 64
    for update skip locked)
)
insert into @.period_key as p (key, task, until) select * from unnest($1::text[], $2::text[], $3::int8[])
on conflict (key) do update set task = excluded.task, until = excluded.until`;

interface Parent {
  readonly seq: number;
  readonly ended: boolean;
}

interface Accepted {
  readonly row: NewTask;
  readonly parents: ReadonlyMap<string, NewTask['parents'][number]>;
}

const orphan = { status: 'orphan' } as const;

/** Another transaction brought one of the ids while this one was deciding: begin again. */
export class Overtaken extends Error {}

/**
 * Inserts rows that are bound to other tasks, in a transaction of the caller's: locks keys and parents, decides row by row
 * under a newer snapshot, and writes all at once.
 */
export class BoundInserts {
  readonly #on: Runner;
  readonly #now: number;

  constructor(on: Runner, now: number) {
    this.#on = on;
    this.#now = now;
  }

  /** @throws Overtaken; OmniQError `PARENT_UNKNOWN` */
  async insert(rows: readonly NewTask[]): Promise<readonly InsertOutcome[]> {
    return this.#insert(rows, refuseRow);
  }

  /**
   * Inserts what {@link insert} would, and leaves out what waits for a task that does not exist. Answers what is in now
   * and was not before.
   * @throws Overtaken
   */
  async insertKnown(rows: readonly NewTask[]): Promise<readonly NewTask[]> {
    const outcomes = await this.#insert(rows, () => orphan);
    return rows.filter((_, n) => outcomes[n]?.status === 'inserted');
  }

  async #insert<T>(
    rows: readonly NewTask[],
    orphaned: (row: NewTask, parent: string) => T,
  ): Promise<readonly (InsertOutcome | T)[]> {
    const keys = rows.flatMap(({ unique }) => (unique === null ? [] : [unique.key]));
    if (keys.length > 0) await this.#on.rows(LOCK_KEYS, [keys]);
    const time = await this.#time();
    const known = await this.#known(rows.map(({ id }) => id));
    const holders = await readHolders(this.#on, keys, this.#now);
    const wanted = rows.filter(({ id }) => !known.has(id)).flatMap(({ parents }) => parents.map(({ id }) => id));
    const parents = await this.#lockParents([...new Set(wanted)]);
    const accepted = new Map<string, Accepted>();
    const outcomes = rows.map((row): InsertOutcome | T => {
      const { id, unique, admitBy } = row;
      if (known.has(id) || accepted.has(id)) return { status: 'exists' };
      if (Math.max(this.#now, time) > admitBy) return { status: 'late' };
      const missing = row.parents.find((parent) => !parents.has(parent.id) && !accepted.has(parent.id));
      if (missing !== undefined) return orphaned(row, missing.id);
      const holder = unique === null ? undefined : holders.get(unique.key);
      if (holder !== undefined) return { status: 'taken', holder };
      const edges = edgesOf(row);
      accepted.set(id, { row, parents: edges });
      // A period that has ended before it began holds nothing.
      if (unique !== null && (unique.until === null || unique.until > this.#now)) holders.set(unique.key, id);
      return { status: 'inserted', settled: [...edges.keys()].some((parent) => parents.get(parent)?.ended === true) };
    });
    await this.#write([...accepted.values()], parents);
    return outcomes;
  }

  async #time(): Promise<number> {
    const [row] = await this.#on.rows<{ ms: unknown }>(CLOCK, [this.#now]);
    return Number(row?.ms);
  }

  async #known(ids: readonly string[]): Promise<Set<string>> {
    const found = await this.#on.rows<{ id: string; gone_until: unknown }>(KNOWN, [ids]);
    const free = found.filter(({ gone_until: until }) => until !== null && Number(until) <= this.#now);
    if (free.length > 0) await this.#on.rows(FORGET, [free.map(({ id }) => id), this.#now]);
    const known = new Set(found.map(({ id }) => id));
    for (const { id } of free) known.delete(id);
    return known;
  }

  /** A task may be sent back between the two looks; then it is live again. */
  async #lockParents(ids: readonly string[]): Promise<Map<string, Parent>> {
    const found = new Map<string, Parent>();
    for (let tries = 0; tries < 3 && found.size < ids.length; tries += 1) {
      for (const template of [LOCK_LIVE_PARENTS, LOCK_ENDED_PARENTS]) {
        const rows = await this.#on.rows<{ id: string; seq: unknown; state: string }>(template, [
          ids.filter((id) => !found.has(id)),
        ]);
        for (const { id, seq, state } of rows) found.set(id, { seq: Number(seq), ended: isTerminal(state) });
      }
    }
    return found;
  }

  async #write(accepted: readonly Accepted[], parents: ReadonlyMap<string, Parent>): Promise<void> {
    if (accepted.length === 0) return;
    const awaited = accepted.flatMap((each) => [...each.parents.keys()]);
    const values = [...columnsOf(accepted), this.#now, awaited];
    const added = await this.#on.rows<{ id: string; seq: unknown }>(INSERT, values);
    if (added.length < accepted.length) throw new Overtaken();
    const seqs = new Map(added.map(({ id, seq }) => [id, Number(seq)]));
    const edges = accepted.flatMap(({ row, parents: own }) =>
      [...own.values()].map(({ id, policy }) => [seqs.get(row.id), seqs.get(id) ?? parents.get(id)?.seq, policy]),
    );
    if (edges.length > 0) await this.#on.rows(INSERT_EDGES, transposed(edges, 3));
    const periods = accepted.flatMap(({ row: { id, unique } }) =>
      unique === null || unique.until === null || unique.until <= this.#now ? [] : [[unique.key, id, unique.until]],
    );
    if (periods.length > 0) await this.#on.rows(HOLD_PERIODS, [...transposed(periods, 3), this.#now]);
  }
}

export async function readHolders(on: Runner, keys: readonly string[], now: number): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const rows = await on.rows<{ key: string; id: string }>(HOLDERS, [keys, now]);
  return new Map(rows.toReversed().map(({ key, id }) => [key, id]));
}

function refuseRow({ id }: NewTask, parent: string): never {
  throw new OmniQError('PARENT_UNKNOWN', `The task ${id} waits for ${parent}, which does not exist.`, {
    hint: 'Enqueue the parent first, or both in one call.',
    id,
    parent,
  });
}

/** One edge a parent: the first that is given counts. */
function edgesOf({ parents }: NewTask): Map<string, NewTask['parents'][number]> {
  const edges = new Map<string, NewTask['parents'][number]>();
  for (const parent of parents) if (!edges.has(parent.id)) edges.set(parent.id, parent);
  return edges;
}

function columnsOf(accepted: readonly Accepted[]): unknown[] {
  const of = (read: (row: NewTask) => unknown): unknown[] => accepted.map(({ row }) => read(row));
  return [
    of(({ id }) => id),
    of(({ queue }) => queue),
    of(({ name }) => name),
    of(({ priority }) => priority),
    of(({ runAt }) => runAt),
    of(({ expiresAt }) => expiresAt),
    of(({ holdMs }) => holdMs),
    of(({ orderKey }) => orderKey),
    of(({ limitKey }) => limitKey),
    of(({ unique }) => unique?.key ?? null),
    of(({ unique }) => unique?.until ?? null),
    accepted.map(({ parents }) => parents.size),
    of(({ spec }) => spec),
    of(({ body }) => body),
  ];
}

/** Rows as columns. */
export function transposed(rows: readonly (readonly unknown[])[], width: number): unknown[][] {
  return Array.from({ length: width }, (_, n) => rows.map((row) => row[n]));
}
