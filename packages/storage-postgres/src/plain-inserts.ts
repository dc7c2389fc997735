import type { NewTask } from '@omniq/core/storage';
import { FORGET } from './bound-inserts.ts';
import { Column } from './column.ts';
import type { Runner } from './database.ts';
import { constraintOf, sqlStateOf } from './failure.ts';

/**
 * `$1` to `$13` are columns, then comes now. Of the columns of {@link Column.alike} the first entry stands for those that
 * are missing. Numbers are drawn before the rows are written, in their order, so that nothing has to be joined. The
 * arrays go through `given` to hide their lengths, after which the server would plan each call anew.
 *
 * @param refuses whether the statement leaves out ids that it knows; without it they make it fail
 */
function add(refuses: boolean): string {
  const isNew = refuses ? `case when seq in (select seq from fresh) then true else false end` : 'in_time';
  return `
given as materialized (
  select $1::text[] as queues, $2::int4[] as queue, $3::text[] as id, $4::text[] as name, $5::int2[] as priority,
    $6::int8[] as run_at, $7::int8[] as expires_at, $8::int8[] as admit_by, $9::int8[] as hold_ms,
    $10::text[] as order_key, $11::text[] as limit_key, $12::bytea[] as spec, $13::bytea[] as body
), known as materialized (
  select @.clock($14::int8) / 1000 as ms, (
    select array_agg((select q.number from @.queue q where q.name = n.name) order by n.nth)
    from given, unnest(given.queues) with ordinality n (name, nth)) as queues
), input as materialized (
  select nextval('@.task_seq_seq') as seq, i.nth, i.id, known.queues[coalesce(i.queue, g.queue[1])] as queue,
    coalesce(i.name, g.name[1]) as name, coalesce(i.priority, g.priority[1]) as priority,
    coalesce(i.run_at, g.run_at[1]) as run_at, i.expires_at, coalesce(i.hold_ms, g.hold_ms[1]) as hold_ms,
    i.order_key, i.limit_key, i.spec, i.body, coalesce(i.admit_by, g.admit_by[1]) >= greatest($14::int8, known.ms) as in_time
  from known, given g, unnest(g.queue, g.id, g.name, g.priority, g.run_at, g.expires_at, g.admit_by, g.hold_ms, g.order_key,
    g.limit_key, g.spec, g.body) with ordinality
    as i (queue, id, name, priority, run_at, expires_at, admit_by, hold_ms, order_key, limit_key, spec, body, nth)
), fresh as (
  insert into @.task (seq, id, queue, name, created_at, hold_ms, order_key, limit_key, spec, body) overriding system value
  select seq, id, queue, name, $14::int8, hold_ms, order_key, limit_key, spec, body from input where in_time
  ${refuses ? 'on conflict (id) do nothing returning seq' : ''}
), added as (
  insert into @.live (seq, queue, priority, run_at, expires_at, order_key)
  select seq, queue, priority, run_at, expires_at, order_key from input where ${isNew}
), refused as (select array_agg(nth) as refused from input where not ${isNew})`;
}

/**
 * At most one notification a batch, and only when a worker said that it is idle: one in each insert would take a lock that
 * all commits share.
 */
const insert = (refuses: boolean): string => `
with ${add(refuses)} select refused, @.wake(true, false) from refused`;

/** Fails where an id is known: for most inserts, whose ids are new. */
const INSERT = insert(false);

const INSERT_UNKNOWN = insert(true);

/** In a transaction of the user's, whose end may be far: it must not keep the row of an idle worker locked. */
const INSERT_WITHIN = `
with ${add(true)}
select refused, (select pg_notify('@channel', '') from (select from fresh limit 1) one) from refused`;

/** Whether one statement can insert them: none bound to another task by a unique key or parents, and no id twice. */
export function arePlain(rows: readonly NewTask[]): boolean {
  const isPlain = rows.every(({ unique, parents }) => unique === null && parents.length === 0);
  return isPlain && new Set(rows.map(({ id }) => id)).size === rows.length;
}

/** After an id that was known, so many inserts expect another one. */
const CAREFUL = 100;

/** Inserts rows such that {@link arePlain}. */
export class PlainInserts {
  #careful = 0;

  /** Answers the ids that were known before, or come too late. */
  async insert(on: Runner, rows: readonly NewTask[], now: number): Promise<Set<string>> {
    if (this.#careful > 0) {
      this.#careful -= 1;
      return insertUnknown(on, rows, now);
    }
    try {
      return await refusedBy(INSERT, on, rows, now);
    } catch (error) {
      if (sqlStateOf(error) !== '23505' || constraintOf(error) !== 'task_id_key') throw error;
      this.#careful = CAREFUL;
      return insertUnknown(on, rows, now);
    }
  }

  /** The same in a transaction of the user's. */
  within(on: Runner, rows: readonly NewTask[], now: number): Promise<Set<string>> {
    return refusedBy(INSERT_WITHIN, on, rows, now);
  }
}

/** Ids that are free again are forgotten first, so that all rows get their numbers in order. */
async function insertUnknown(on: Runner, rows: readonly NewTask[], now: number): Promise<Set<string>> {
  await on.rows(FORGET, [rows.map(({ id }) => id), now]);
  return refusedBy(INSERT_UNKNOWN, on, rows, now);
}

async function refusedBy(template: string, on: Runner, rows: readonly NewTask[], now: number): Promise<Set<string>> {
  const [row] = await on.rows<{ refused: unknown[] | null }>(template, [...columnsOf(rows), now]);
  return new Set((row?.refused ?? []).map((nth) => rows[Number(nth) - 1]?.id as string));
}

/** The names of the queues, and then a column for each value, the queue being the place of its name. */
function columnsOf(rows: readonly NewTask[]): unknown[] {
  const queues = [...new Set(rows.map(({ queue }) => queue))];
  const places = new Map(queues.map((queue, n) => [queue, n + 1]));
  const of = (key: keyof NewTask): unknown[] => rows.map((row) => row[key]);
  return [
    Column.of('text', queues),
    Column.alike(
      'int4',
      rows.map(({ queue }) => places.get(queue)),
    ),
    Column.of('text', of('id')),
    Column.alike('text', of('name')),
    Column.alike('int2', of('priority')),
    Column.alike('int8', of('runAt')),
    Column.of('int8', of('expiresAt')),
    Column.alike('int8', of('admitBy')),
    Column.alike('int8', of('holdMs')),
    Column.of('text', of('orderKey')),
    Column.of('text', of('limitKey')),
    Column.of('bytea', of('spec')),
    Column.of('bytea', of('body')),
  ];
}
