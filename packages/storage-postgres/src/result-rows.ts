import type { ResultKey, StoredResult } from '@omniq/core/storage';
import type { Runner } from './database.ts';

/** A result lies in the row of the task that ended with it, or else apart; what lies in the row counts. */
const PUT = `
with input as materialized (
  select distinct on (id, lease) id, lease, value, expires_at
  from unnest($1::text[], $2::int8[], $3::bytea[], $4::int8[]) with ordinality as i (id, lease, value, expires_at, nth)
  order by id, lease, nth desc
), replaced as (
  update @.done d set result = null, result_expires_at = null from input i join @.task t using (id)
  where d.seq = t.seq and d.lease = i.lease and d.result is not null
)
insert into @.result as r (id, lease, value, expires_at) select id, lease, value, expires_at from input
on conflict (id, lease) do update set value = excluded.value, expires_at = excluded.expires_at`;

const GET = `
select i.nth::int4 as nth, coalesce(d.result, r.value) as value
from unnest($1::text[], $2::int8[]) with ordinality as i (id, lease, nth)
left join @.result r on r.id = i.id and r.lease = i.lease
left join @.task t on t.id = i.id left join @.done d on d.seq = t.seq and d.lease = i.lease
where case when d.result is null then r.expires_at is null or r.expires_at > $3
  else d.result_expires_at is null or d.result_expires_at > $3 end`;

const REMOVE = `
with input as materialized (select * from unnest($1::text[], $2::int8[]) as i (id, below)
), apart as (
  delete from @.result r using input i where r.id = i.id and r.lease < coalesce(i.below, 9223372036854775807)
)
update @.done d set result = null, result_expires_at = null from input i join @.task t using (id)
where d.seq = t.seq and d.result is not null and d.lease < coalesce(i.below, 9223372036854775807)`;

/** With one that lies in a row goes what it stood before. */
const SWEEP = `
with apart as (
  delete from @.result where (id, lease) in (
    select id, lease from @.result where expires_at <= $1 order by expires_at limit $2) returning 1
), inside as (
  update @.done set result = null, result_expires_at = null where seq in (
    select seq from @.done where result_expires_at <= $1 order by result_expires_at
    limit greatest($2 - (select count(*) from apart), 0)) returning seq, lease
), covered as (
  delete from @.result r using inside i join @.task t using (seq) where r.id = t.id and r.lease = i.lease
)
select ((select count(*) from apart) + (select count(*) from inside))::int4 as count`;

export async function putResults(on: Runner, results: readonly StoredResult[]): Promise<void> {
  if (results.length === 0) return;
  await on.rows(PUT, [
    results.map(({ id }) => id),
    results.map(({ lease }) => lease),
    results.map(({ value }) => value),
    results.map(({ expiresAt }) => expiresAt),
  ]);
}

export async function getResults(
  on: Runner,
  keys: readonly ResultKey[],
  now: number,
): Promise<(Uint8Array | undefined)[]> {
  const values: (Uint8Array | undefined)[] = keys.map(() => undefined);
  if (keys.length === 0) return values;
  const rows = await on.rows<{ nth: number; value: Uint8Array | null }>(GET, [
    keys.map(({ id }) => id),
    keys.map(({ lease }) => lease),
    now,
  ]);
  for (const { nth, value } of rows) values[nth - 1] = value ?? undefined;
  return values;
}

export async function removeResults(
  on: Runner,
  keys: readonly { readonly id: string; readonly below?: number }[],
): Promise<void> {
  if (keys.length === 0) return;
  await on.rows(REMOVE, [keys.map(({ id }) => id), keys.map(({ below }) => below ?? null)]);
}

export async function sweepResults(on: Runner, now: number, limit: number): Promise<number> {
  const [row] = await on.rows<{ count: number }>(SWEEP, [now, limit]);
  return row?.count ?? 0;
}
