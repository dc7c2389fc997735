/** Rows that the id already has are left out of the answer; so are those whose admission deadline has passed. */
export const INSERT = `
with input as (
  select * from unnest($1::text[], $2::text[], $3::text[], $4::int2[], $5::int8[], $6::int8[], $7::int8[], $8::int8[],
    $9::bytea[], $10::bytea[]) with ordinality
    as i (id, queue, name, priority, run_at, expires_at, admit_by, hold_ms, body, spec, nth)
), fresh as (
  insert into task (id, queue, name, created_at, expires_at, hold_ms, body, spec)
  select id, queue, name, $11, expires_at, hold_ms, body, spec from input
  where admit_by >= greatest($11, (extract(epoch from clock_timestamp()) * 1000)::int8 + $12) order by nth
  on conflict (id) do nothing returning id, seq, queue, expires_at, hold_ms
)
insert into live (id, seq, queue, priority, run_at, expires_at, hold_ms)
select f.id, f.seq, f.queue, i.priority, i.run_at, f.expires_at, f.hold_ms from fresh f join input i using (id)
on conflict (id) do nothing returning id`;

/** Ends tasks by lease: out of \`live\`, the end into \`task\`. \`$1\` to \`$7\`; one row a change. */
const FINISH = `
change as materialized (
  select * from unnest($1::text[], $2::int8[], $3::text[], $4::int8[], $5::int2[], $6::bytea[], $7::bool[]) with ordinality
    as c (id, lease, state, finished_at, attempt, result, uncancelled, nth)
), gone as (
  delete from live l using change c where l.id = c.id and l.lease = c.lease and l.state = 'r'
    and not (c.uncancelled and l.cancel) returning l.id, l.attempt, c.nth
), ended as (
  update task t set state = c.state, lease = c.lease, finished_at = c.finished_at, attempt = coalesce(c.attempt, g.attempt),
    result = c.result from gone g join change c using (nth) where t.id = g.id
), refused as (
  select c.nth, case when t.id is null then 'missing' when l.lease = c.lease and l.cancel then 'cancelled' else 'stale' end status
  from change c left join gone g using (nth) left join task t on t.id = c.id left join live l on l.id = c.id
  where g.nth is null
), outcome as (
  select nth, status from refused union all
  select nth, 'dependents' from gone g where exists (select from edge e where e.parent = g.id)
)`;

/**
 * Locks the session row, refuses an ended session or a request already seen, then leases the best due rows. Walks the
 * distinct priorities of each queue, so future rows of a high priority are never read. Parameters from \`$base\` on:
 * session, lane, request, queues, now, limit, start.
 */
function claim(base: number): string {
  const [session, lane, request, queues, now, limit, start] = Array.from({ length: 7 }, (_, i) => `$${base + i}`);
  return `
me as (
  update session set lanes[${lane}::int + 1] = ${request}::int8
  where id = ${session} and not ended and coalesce(lanes[${lane}::int + 1], 0) < ${request}::int8 returning id
), clock as materialized (select (extract(epoch from clock_timestamp()) * 1000000)::int8 as micros
), due as materialized (
  select id, row_number() over () as nth from (
    select h.id from me, unnest(${queues}::text[]) with ordinality q (name, nth), lateral (
      with recursive step as (
        (select priority from live where queue = q.name and state = 'w' order by queue, live.priority desc limit 1)
        union all
        select (select l.priority from live l where l.queue = q.name and l.state = 'w' and l.priority < step.priority
          order by l.queue, l.priority desc limit 1) from step where step.priority is not null
      )
      select r.id from step, lateral (
        select l.id from live l where l.queue = q.name and l.state = 'w' and l.priority = step.priority
          and l.run_at <= ${now}::int8 and (l.expires_at is null or l.expires_at > ${now}::int8)
        order by l.queue, l.priority desc, l.run_at, l.seq limit ${limit}::int for update skip locked
      ) r
    ) h
    where not exists (select from queue p where p.queue = q.name and p.paused) limit ${limit}::int
  ) d
), claimed as (
  update live l set state = 'r', lease = greatest(l.lease + 1, clock.micros), session = ${session}, lane = ${lane}::int2,
    request = ${request}::int8, started_at = case when d.nth <= ${start}::int then ${now}::int8 end,
    deadline_at = ${now}::int8 + l.hold_ms
  from due d, clock where l.id = d.id
  returning l.*, d.nth
)`;
}

const TASK = `c.id, c.queue, t.name, c.priority, c.run_at as "runAt", c.expires_at as "expiresAt", t.created_at as "createdAt",
  c.attempt, c.crashes, c.redrives, c.started_at as "startedAt", c.deadline_at as "deadlineAt", c.lease, t.body, t.spec`;

export const UPDATE = `with ${FINISH} select * from outcome`;

/** No row: refused. A row without an id: nothing was due. */
export const CLAIM = `with ${claim(1)}
select c.nth, ${TASK} from me left join claimed c on true left join task t on t.id = c.id`;

/** One statement, one commit. The first row carries the refused changes. */
export const SWAP = `with ${FINISH}, ${claim(8)}
select (select array_agg(nth::int) from outcome) as odd, (select array_agg(status) from outcome) as statuses,
  (select id from me) as me, c.nth, ${TASK}
from (values (1)) one left join claimed c on true left join task t on t.id = c.id`;

/** What a request leased that still runs. A statement of its own: the first try may have committed a moment ago. */
export const REPEAT = `select row_number() over (order by c.priority desc, c.run_at, c.seq) as nth, ${TASK} from live c join task t using (id)
where c.session = $1 and c.lane = $2 and c.request = $3 and c.state = 'r'`;

/** Back to waiting, by lease: retry, snooze, release and rescue. Columns left null stay as they are. */
export const RETURN = `
with change as (
  select * from unnest($1::text[], $2::int8[], $3::int8[], $4::int2[], $5::int2[]) with ordinality
    as c (id, lease, run_at, attempt, crashes, nth)
), applied as (
  update live l set state = 'w', run_at = coalesce(c.run_at, l.run_at), attempt = coalesce(c.attempt, l.attempt),
    crashes = coalesce(c.crashes, l.crashes), deadline_at = null, started_at = null
  from change c where l.id = c.id and l.lease = c.lease and l.state = 'r' returning c.nth
)
select c.nth, case when t.id is null then 'missing' else 'stale' end as status
from change c left join applied a using (nth) left join task t on t.id = c.id where a.nth is null`;

export const BEAT = `
with me as (update session set beat_at = $2, beats = beats + 1 where id = $1 and not ended returning id)
select exists (select from me) as live, count(*)::int as leases, coalesce(array_agg(id) filter (where cancel), '{}') as cancelled
from live where session = $1 and state = 'r'`;

export const END = `update session set ended = true where id = $1 and not ended and beats = coalesce($2, beats)`;

export const SESSIONS = `
select s.id, host, pid, process_start as "processStart", opened_at as "openedAt", beat_at as "beatAt", beats, ended,
  coalesce(r.leases, 0) as leases
from session s left join (select session, count(*)::int leases from live where state = 'r' group by 1) r on r.session = s.id
where not ended or leases > 0 order by opened_at, id`;
