/** What a claim reads of `live c` and of its task. */
const LIVE = `c.priority, c.run_at as "runAt", c.expires_at as "expiresAt", c.attempt, c.crashes, c.redrives,
  c.started_at as "startedAt", c.deadline_at as "deadlineAt", c.lease`;

/**
 * Leases the best due rows. Locks the row of the lane, which refuses an ended session and a request already seen, and
 * which whoever ends the session has to wait for. Walks the distinct priorities of each queue, so future rows of a high
 * priority are never read. Parameters from `base` on: session, lane, request, queues, now, limit, start.
 *
 * @param looks whether it looks first, so that a claim that finds nothing writes nothing
 */
function claim(base: number, looks: boolean): string {
  const [session, lane, request, queues, now, limit, start] = Array.from({ length: 7 }, (_, i) => `$${base + i}`);
  const isDue = `l.run_at <= ${now}::int8 and (l.expires_at is null or l.expires_at > ${now}::int8)
          and (l.order_key is null or not exists (select from @.live e where e.order_key = l.order_key
            and e.state in ('w', 'r') and (e.state = 'r' or e.seq < l.seq)))`;
  const walk = (columns: string, tail: string): string => `
    unnest(${queues}::text[]) with ordinality n (name, nth), lateral (
      select q.number from @.queue q where q.name = n.name and not q.paused
    ) q, lateral (
      with recursive step as (
        (select priority from @.live l where l.queue = q.number and l.state = 'w'
          order by l.queue, l.priority desc limit 1)
        union all
        select (select l.priority from @.live l where l.queue = q.number and l.state = 'w' and l.priority < step.priority
          order by l.queue, l.priority desc limit 1) from step where step.priority is not null
      )
      select r.* from step, lateral (
        select ${columns} from @.live l where l.queue = q.number and l.state = 'w' and l.priority = step.priority
          and ${isDue}
        order by l.queue, l.priority desc, l.run_at, l.seq ${tail}
      ) r
    ) h`;
  return `
clock as materialized (select @.clock(${now}::int8) as micros
), asked as materialized (
  select s.number, s.ended_at is null and coalesce(n.request, 0) < ${request}::int8 as fresh,
    ${looks ? `exists (select from ${walk('1', 'limit 1')})` : 'true'} as due
  from clock, @.session s left join @.lane n on n.session = s.number and n.lane = ${lane}::int4 where s.id = ${session}
), me as (
  update @.lane n set request = ${request}::int8 from asked
  where n.session = asked.number and n.lane = ${lane}::int4 and asked.fresh and asked.due
    and not n.closed and n.request < ${request}::int8 returning asked.number
), due as materialized (
  select d.tid, d.session, d.queue_name, row_number() over () as nth from (
    select h.tid, n.name as queue_name, me.number as session from me, ${walk('l.ctid as tid', `limit ${limit}::int for update skip locked`)}
    limit ${limit}::int
  ) d
), claimed as (
  update @.live l set state = 'r', lease = greatest(l.lease + 1, clock.micros + d.nth - 1), session = d.session, lane = ${lane}::int4,
    request = ${request}::int8, started_at = case when d.nth <= ${start}::int then ${now}::int8 end,
    deadline_at = ${now}::int8 + t.hold_ms
  from due d, clock, @.task t where l.ctid = d.tid and t.seq = l.seq
  returning l.*, d.nth, d.queue_name, t.id, t.name, t.created_at, t.body, t.spec
)`;
}

const CLAIMED: string = `c.nth::int4 as nth, c.seq, c.id, c.queue_name as queue, c.name,
  c.created_at as "createdAt", c.body, c.spec, c.order_key is not null as ordered, ${LIVE}`;

const HEAD: string = `(select number from me) as me, (select fresh from asked) as fresh, (select due from asked) as due`;

export { claim as claimSteps, CLAIMED, HEAD };

/** One row at least. */
export const CLAIM: string = `
with ${claim(1, true)} select ${HEAD}, ${CLAIMED} from (values (1)) one left join claimed c on true`;

/** What a request leased that still runs. A statement of its own: the first try may have committed a moment ago. */
export const REPEAT: string = `
select row_number() over (order by c.priority desc, c.run_at, c.seq)::int4 as nth, c.seq, t.id, q.name as queue, t.name,
  t.created_at as "createdAt", t.body, t.spec, c.order_key is not null as ordered, ${LIVE}
from @.live c join @.task t using (seq) join @.queue q on q.number = c.queue
where c.session = (select number from @.session where id = $1) and c.lane = $2 and c.request = $3 and c.state = 'r'
order by array_position($4::text[], q.name), c.priority desc, c.run_at, c.seq`;

export const SESSION: string = `
select s.ended_at is not null as ended, n.request as last from @.session s
left join @.lane n on n.session = s.number and n.lane = $2::int4 where s.id = $1`;

/** Waits for whoever ends the session. */
export const ADD_LANE: string = `
insert into @.lane (session, lane)
select number, $2::int4 from (select number from @.session where id = $1 and ended_at is null for share) s
on conflict do nothing`;

export const NEXT_DUE: string = `
select min(h.run_at)::int8 as due from unnest($1::text[]) n (name), lateral (
  select q.number from @.queue q where q.name = n.name
) q, lateral (
  with recursive step as (
    (select priority from @.live l where l.queue = q.number and l.state = 'w' order by l.queue, l.priority desc limit 1)
    union all
    select (select l.priority from @.live l where l.queue = q.number and l.state = 'w' and l.priority < step.priority
      order by l.queue, l.priority desc limit 1) from step where step.priority is not null
  )
  select (select l.run_at from @.live l where l.queue = q.number and l.state = 'w' and l.priority = step.priority
    and l.run_at > $2 order by l.queue, l.priority desc, l.run_at limit 1) as run_at from step
) h`;
