/** Queue names become numbers, made at the first insert into a queue. */
export const QUEUES: string = `insert into queue (name) select distinct n from unnest($1::text[]) n on conflict do nothing`;

/**
 * Answers the ids that are new and in time. At most one notify a batch, and only when a worker said that it is idle: a
 * notify in each insert takes a lock that all commits share.
 */
export const INSERT: string = `
with input as materialized (
  select i.*, q.number from unnest($1::text[], $2::text[], $3::text[], $4::int2[], $5::int8[], $6::int8[], $7::int8[],
    $8::int8[], $9::bytea[], $10::bytea[]) with ordinality
    as i (id, queue, name, priority, run_at, expires_at, admit_by, hold_ms, body, spec, nth)
  join queue q on q.name = i.queue
), woken as (
  delete from idle where exists (select from input) returning session
), wake as materialized (
  select pg_notify('bench', '') from (select from woken limit 1) one
), fresh as (
  insert into task (id, queue, name, created_at, hold_ms, body, spec)
  select id, number, name, $11, hold_ms, body, spec from input
  where admit_by >= greatest($11, (extract(epoch from clock_timestamp()) * 1000)::int8 + $12) order by nth
  on conflict (id) do nothing returning id, seq
), added as (
  insert into live (seq, queue, priority, run_at, expires_at)
  select f.seq, i.number, i.priority, i.run_at, i.expires_at from fresh f join input i using (id)
)
select id from fresh left join wake on true`;

/** Ends tasks by lease: out of \`live\`, the end into \`done\`. \`$1\` to \`$7\`; one row a change. */
const FINISH = `
change as materialized (
  select c.*, t.seq from unnest($1::text[], $2::int8[], $3::text[], $4::int8[], $5::int2[], $6::bytea[], $7::bool[])
    with ordinality as c (id, lease, state, finished_at, attempt, result, uncancelled, nth) left join task t on t.id = c.id
), gone as (
  delete from live l using change c where l.seq = c.seq and l.lease = c.lease and l.state = 'r'
    and not (c.uncancelled and l.cancel)
  returning c.nth, l.seq, l.session, c.state, c.lease, c.finished_at, coalesce(c.attempt, l.attempt) as attempt, c.result
), ended as (
  insert into done (seq, lease, finished_at, session, attempt, state, result)
  select seq, lease, finished_at, session, attempt, state, result from gone
), outcome as materialized (
  select nth, case when c.seq is null then 'missing' when l.lease = c.lease and l.cancel then 'cancelled' else 'stale' end status
  from change c left join live l on l.seq = c.seq where nth not in (select nth from gone)
  union all select nth, 'dependents' from gone g where exists (select from edge e where e.parent = g.seq)
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
  where id = ${session} and not ended and coalesce(lanes[${lane}::int + 1], 0) < ${request}::int8 returning number
), clock as materialized (select (extract(epoch from clock_timestamp()) * 1000000)::int8 as micros
), due as materialized (
  select d.tid, d.session, row_number() over () as nth from (
    select h.tid, me.number as session from me, unnest(${queues}::text[]) with ordinality n (name, nth), lateral (
      select q.number from queue q where q.name = n.name and not q.paused
    ) q, lateral (
      with recursive step as (
        (select priority from live where queue = q.number and state = 'w' order by queue, live.priority desc limit 1)
        union all
        select (select l.priority from live l where l.queue = q.number and l.state = 'w' and l.priority < step.priority
          order by l.queue, l.priority desc limit 1) from step where step.priority is not null
      )
      select r.tid from step, lateral (
        select l.ctid as tid from live l where l.queue = q.number and l.state = 'w' and l.priority = step.priority
          and l.run_at <= ${now}::int8 and (l.expires_at is null or l.expires_at > ${now}::int8)
        order by l.queue, l.priority desc, l.run_at, l.seq limit ${limit}::int for update skip locked
      ) r
    ) h limit ${limit}::int
  ) d
), claimed as (
  update live l set state = 'r', lease = greatest(l.lease + 1, clock.micros), session = d.session, lane = ${lane}::int2,
    request = ${request}::int8, started_at = case when d.nth <= ${start}::int then ${now}::int8 end,
    deadline_at = ${now}::int8 + t.hold_ms
  from due d, clock, task t where l.ctid = d.tid and t.seq = l.seq
  returning l.*, d.nth, t.id, t.name, t.created_at, t.body, t.spec
)`;
}

const LIVE = `c.priority, c.run_at as "runAt", c.expires_at as "expiresAt", c.attempt, c.crashes, c.redrives,
  c.started_at as "startedAt", c.deadline_at as "deadlineAt", c.lease`;
const CLAIMED = `c.nth, c.id, (select name from queue q where q.number = c.queue) as queue, c.name,
  c.created_at as "createdAt", c.body, c.spec, ${LIVE}`;

export const UPDATE: string = `with ${FINISH} select * from outcome`;

/** No row: refused. A row without an id: nothing was due. */
export const CLAIM: string = `with ${claim(1)} select ${CLAIMED} from me left join claimed c on true`;

/** One statement, one commit. The first row carries the refused changes. */
export const SWAP: string = `with ${FINISH}, ${claim(8)}
select (select array_agg(nth::int) from outcome) as odd, (select array_agg(status) from outcome) as statuses,
  (select number from me) as me, ${CLAIMED}
from (values (1)) one left join claimed c on true`;

/** What a request leased that still runs. A statement of its own: the first try may have committed a moment ago. */
export const REPEAT: string = `
select row_number() over (order by c.priority desc, c.run_at, c.seq) as nth, t.id, q.name as queue, t.name,
  t.created_at as "createdAt", t.body, t.spec, ${LIVE}
from live c join task t using (seq) join queue q on q.number = c.queue
where c.session = (select number from session where id = $1) and c.lane = $2 and c.request = $3 and c.state = 'r'`;

/** Back to waiting, by lease: retry, snooze, release and rescue. Columns left null stay as they are. */
export const RETURN: string = `
with change as materialized (
  select c.*, t.seq from unnest($1::text[], $2::int8[], $3::int8[], $4::int2[], $5::int2[]) with ordinality
    as c (id, lease, run_at, attempt, crashes, nth) left join task t on t.id = c.id
), applied as (
  update live l set state = 'w', run_at = coalesce(c.run_at, l.run_at), attempt = coalesce(c.attempt, l.attempt),
    crashes = coalesce(c.crashes, l.crashes), deadline_at = null, started_at = null
  from change c where l.seq = c.seq and l.lease = c.lease and l.state = 'r' returning c.nth
)
select nth, case when seq is null then 'missing' else 'stale' end as status from change
where nth not in (select nth from applied)`;

export const BEAT: string = `
with me as (update session set beat_at = $2, beats = beats + 1 where id = $1 and not ended returning id)
select exists (select from me) as live, count(*)::int as leases,
  coalesce(array_agg((select id from task t where t.seq = l.seq)) filter (where cancel), '{}') as cancelled
from live l where session = (select number from session where id = $1) and state = 'r'`;

export const END: string = `update session set ended = true where id = $1 and not ended and beats = coalesce($2, beats)`;

export const SESSIONS: string = `
select s.id, host, pid, process_start as "processStart", opened_at as "openedAt", beat_at as "beatAt", beats, ended,
  coalesce(r.leases, 0) as leases
from session s
left join (select session, count(*)::int leases from live where state = 'r' group by 1) r on r.session = s.number
where not ended or leases > 0 order by opened_at, id`;

export const RUNNING: string = `
select t.id, l.lease from live l join task t using (seq)
where l.session = (select number from session where id = $1) and l.state = 'r' order by seq limit $2`;
