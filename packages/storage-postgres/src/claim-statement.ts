import { FACTS } from './migrations/claim-functions.ts';

export const CLAIM: string = `select * from @.claim($1, $2, $3, $4, $5, $6, $7)`;

/** What a request leased that still runs. A statement of its own: the first try may have committed a moment ago. Leases grow with their place. */
export const REPEAT: string = `
select array[row_number() over (order by l.lease), ${FACTS}] as facts, q.name as queue, t.id, t.name, t.body, t.spec
from @.live l join @.task t using (seq) join @.queue q on q.number = l.queue
where l.session = (select number from @.session where id = $1) and l.lane = $2 and l.request = $3 and l.state = 'r'`;

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
