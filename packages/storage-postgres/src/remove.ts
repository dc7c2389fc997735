import type { Database } from './database.ts';

/** In the order of all who lock ended tasks. */
const LOCK = `
select d.seq, (select id from @.task t where t.seq = d.seq) as id from @.done d
where d.seq in (select seq from @.task where id = any($1::text[]) and gone_until is null)
order by d.seq for update`;

/**
 * A task that others still wait for stays: whoever began to wait for it held its row until the lock was ours, so a
 * statement of its own sees all of them. Children that go, and stand before it, wait no more. The row with the id stays
 * behind, empty, and refuses it.
 */
const REMOVE = `
with recursive asked as materialized (
  select * from unnest($1::int8[]) with ordinality as a (seq, nth)
), stays (seq) as (
  select e.parent from asked a join @.edge e on e.parent = a.seq
  where not exists (select from asked c where c.seq = e.child and c.nth < a.nth)
  union select e.parent from stays s join @.edge e on e.child = s.seq
), gone as (
  delete from @.done d where seq = any($1::int8[]) and seq not in (select seq from stays) returning seq
), forgotten as (delete from @.history h using gone where h.seq = gone.seq
), untied as (delete from @.edge e using gone where e.child = gone.seq
), kept as (
  update @.task t set gone_until = $2, body = null, spec = null, name = '', unique_key = null, order_key = null,
    limit_key = null from gone where t.seq = gone.seq returning t.id
), results as (delete from @.result r using kept where r.id = kept.id)
select count(*)::int4 as count from kept`;

/** Forgets more ids than a removal adds, so that their number shrinks while there is traffic. */
const FORGET = `
delete from @.task where seq in (
  select seq from @.task where gone_until <= $1 order by gone_until limit $2 for update skip locked)`;

const FORGET_MORE = 64;

/** Forgets terminal tasks and remembers their ids. */
export async function removeTasks(db: Database, ids: readonly string[], rememberUntil: number): Promise<number> {
  if (ids.length === 0) return 0;
  return db.transaction(async (on) => {
    const locked = await on.rows<{ seq: unknown; id: string }>(LOCK, [ids]);
    if (locked.length === 0) return 0;
    const seqs = new Map(locked.map(({ seq, id }) => [id, seq]));
    const asked = ids.flatMap((id) => seqs.get(id) ?? []);
    const [row] = await on.rows<{ count: number }>(REMOVE, [asked, rememberUntil]);
    return row?.count ?? 0;
  });
}

/** Ids whose time is up are free again. */
export async function forgetIds(db: Database, now: number, removed: number): Promise<void> {
  await db.rows(FORGET, [now, removed + FORGET_MORE]);
}
