import { changed, setColumns } from './set-columns.ts';

const FIRST = 9;

/** The parameters of the changes come first, then now. */
const RECORD = FIRST + setColumns.length;

const names = setColumns.map(({ name }) => name).join(', ');
const arrays = setColumns.map(({ type }, n) => `$${FIRST + n}::${type}[]`).join(', ');
/** A task that does not run has no deadline. */
const keptColumns = setColumns.filter(({ name }) => name !== 'deadline_at').map(({ name }) => name);
const keptNames = keptColumns.join(', ');
const kept = keptColumns.map((name) => `${name} = ${changed(name)}`);
const ended = keptColumns.map((name) => `${changed(name)} as ${name}`);

/**
 * Changes by lease, each of another task: those that end go from `live` to `done` with their results, the others are
 * changed in place. Answers as a swap does.
 */
export const CHANGE: string = `
with checked as materialized (select @.clock($${RECORD + 1}::int8)
), change as materialized (
  select c.*, coalesce(c.hint, (select t.seq from @.task t where t.id = c.id)) as seq, c.state in ('c', 'f', 'x', 'e') is true as ends
  from unnest($1::text[], $2::int8[], $3::bool[], $4::int4[], $5::"char"[], $6::bytea[], $7::int8[], $8::int8[],
    ${arrays},
    $${RECORD}::bytea[]) with ordinality
    as c (id, lease, uncancelled, mask, state, result, result_expires_at, hint, ${names}, record, nth)
  where exists (select from checked)
), gone as (
  delete from @.live l using change c
  where c.ends and l.seq = c.seq and l.lease = c.lease and l.state = 'r' and not (coalesce(c.uncancelled, false) and l.cancel)
  returning c.nth, l.seq, l.lease, l.queue, l.session, l.waits_for, l.awaited, c.state, c.result, c.result_expires_at,
    c.record, ${ended.join(', ')}
), filed as (
  insert into @.done (seq, lease, queue, session, waits_for, state, result, result_expires_at,
    ${keptNames})
  select seq, lease, queue, session, waits_for, state, result, result_expires_at,
    ${keptNames} from gone
), stayed as (
  update @.live l set state = coalesce(c.state, 'r'),
    deadline_at = case when c.state is null or c.state = 'r' then ${changed('deadline_at')} end, ${kept.join(', ')}
  from change c
  where not c.ends and l.seq = c.seq and l.lease = c.lease and l.state = 'r' and not (coalesce(c.uncancelled, false) and l.cancel)
  returning c.nth, l.seq, l.lease, l.awaited, c.id, c.result, c.result_expires_at, c.record
), noted as (
  insert into @.history (seq, lease, record) select seq, lease, record from (
    select nth, seq, lease, record from gone where record is not null
    union all select nth, seq, lease, record from stayed where record is not null) n order by nth
), put as (
  insert into @.result as r (id, lease, value, expires_at)
  select id, lease, result, result_expires_at from stayed where result is not null
  on conflict (id, lease) do update set value = excluded.value, expires_at = excluded.expires_at
), applied as (select nth, awaited from gone union all select nth, awaited from stayed)
select case when (select count(*) from applied) < cardinality($1) then (
    select array_agg(nth) from change where case when nth in (select nth from applied) then false else true end) end as refused,
  (select array_agg(nth) from applied where awaited) as awaited,
  (select @.wake(false, true)::text from gone limit 1) as woken`;

/** Why a change was not applied. A statement of its own: another one may have been first a moment ago. */
export const REFUSALS: string = `
select c.nth::int4 as nth, case when t.seq is null then 'missing'
  when l.state = 'r' and l.lease = c.lease and l.cancel and c.uncancelled then 'cancelled' else 'stale' end as status
from unnest($1::text[], $2::int8[], $3::bool[]) with ordinality as c (id, lease, uncancelled, nth)
left join @.task t on t.id = c.id and t.gone_until is null left join @.live l on l.seq = t.seq`;

/** Which of these tasks others wait for. */
export const AWAITED: string = `
select t.id from @.task t where t.id = any($1::text[]) and exists (select from @.edge e where e.parent = t.seq)`;
