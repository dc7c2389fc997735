import type { NewTask } from '@omniq/core/storage';
import type { Runner } from './database.ts';

/** `$1` to `$12` are columns, one entry a row; then now. Answers the ids that are new and in time. */
const ADD = `
input as materialized (
  select i.*, q.number, clock.micros from (select @.clock($13::int8) as micros) clock,
    unnest($1::text[], $2::text[], $3::text[], $4::int2[], $5::int8[], $6::int8[], $7::int8[], $8::int8[], $9::text[],
    $10::text[], $11::bytea[], $12::bytea[]) with ordinality
    as i (id, queue, name, priority, run_at, expires_at, admit_by, hold_ms, order_key, limit_key, spec, body, nth)
  join @.queue q on q.name = i.queue
), fresh as (
  insert into @.task (id, queue, name, created_at, hold_ms, order_key, limit_key, spec, body)
  select id, number, name, $13::int8, hold_ms, order_key, limit_key, spec, body from input
  where admit_by >= greatest($13::int8, micros / 1000) order by nth
  on conflict (id) do nothing returning id, seq
), added as (
  insert into @.live (seq, queue, priority, run_at, expires_at, order_key)
  select f.seq, i.number, i.priority, i.run_at, i.expires_at, i.order_key from fresh f join input i using (id)
)`;

/**
 * At most one notification a batch, and only when a worker said that it is idle: one in each insert would take a lock that
 * all commits share. An idle worker that another insert is about to wake is left to it.
 */
const INSERT = `
with ${ADD}, woken as (
  delete from @.idle i where ctid in (select ctid from @.idle o where not o.ends for update skip locked)
    and exists (select from input) returning 1
), wake as materialized (
  select pg_notify('@channel', '') from (select from woken limit 1) one
)
select id from fresh left join wake on true`;

/** In a transaction of the user's, whose end may be far: it must not keep the row of an idle worker locked. */
const INSERT_WITHIN = `
with ${ADD} select id, (select pg_notify('@channel', '') from (select from fresh limit 1) one) from fresh`;

/** Whether one statement can insert them: none bound to another task by a unique key or parents, and no id twice. */
export function arePlain(rows: readonly NewTask[]): boolean {
  const isPlain = rows.every(({ unique, parents }) => unique === null && parents.length === 0);
  return isPlain && new Set(rows.map(({ id }) => id)).size === rows.length;
}

/** Inserts rows such that {@link arePlain}. Answers the ids that are in now and were not before. */
export async function insertPlain(
  on: Runner,
  rows: readonly NewTask[],
  now: number,
  kind: 'own' | 'within',
): Promise<Set<string>> {
  const template = kind === 'own' ? INSERT : INSERT_WITHIN;
  const added = await on.rows<{ id: string }>(template, [...columnsOf(rows), now]);
  return new Set(added.map(({ id }) => id));
}

const keys = [
  'id',
  'queue',
  'name',
  'priority',
  'runAt',
  'expiresAt',
  'admitBy',
  'holdMs',
  'orderKey',
  'limitKey',
  'spec',
  'body',
] as const;

/** A column without a value is sent empty: what is missing reads as null. */
function columnsOf(rows: readonly NewTask[]): unknown[] {
  return keys.map((key) => (rows.some((row) => row[key] !== null) ? rows.map((row) => row[key]) : []));
}
