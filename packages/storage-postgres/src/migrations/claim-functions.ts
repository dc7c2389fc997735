/**
 * What is answered for a task `l` and its `t`, after its place: as one array, for a column of its own for each number would
 * cost either side more than the numbers do.
 */
export const FACTS: string = `l.seq, l.lease, l.queue, l.priority, l.run_at, l.expires_at, l.attempt, l.crashes, l.redrives,
  l.started_at, l.deadline_at, t.created_at, (l.order_key is not null)::int4`;

/**
 * Plans are made once, as one for each call costs more than the call; and they walk the indexes, whatever the statistics
 * say: those of an empty table would have a full one read from end to end, those of a full one have it sorted.
 */
const PLANS = `set plan_cache_mode = force_generic_plan set jit = off
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off`;

/** The first row is the head, the others are tasks. */
const ANSWER = `returns table (me int4, fresh bool, due bool, queues int4[], refused int8[], awaited int8[], facts int8[],
  id text, name text, body bytea, spec bytea) language plpgsql volatile`;

const LOOK = `
  select s.number, s.ended_at is null into number, fresh from @.session s where s.id = worker;
  if fresh then
    select asked > coalesce(max(n.request), 0) into fresh from @.lane n where n.session = number and n.lane = way;
  end if;
  if fresh is not true then
    due := true;
    return next;
    return;
  end if;`;

/** Refuses an ended session and a request already seen. Whoever ends the session has to wait for it. */
const ENTER = `
  update @.lane n set request = asked where n.session = number and n.lane = way and not n.closed and n.request < asked
  returning n.session into me;
  if me is null then
    due := true;
    return next;
    return;
  end if;`;

/** The rows are locked already. A subquery of its own has the planner look up each task by its number. */
const LEASE = `
  return query update @.live l set state = 'r', lease = greatest(l.lease + 1, micros + t.nth - 1), session = number, lane = way,
    request = asked, started_at = case when t.nth <= start then now end, deadline_at = now + t.hold_ms
  from (
    select d.tid, d.nth, t.* from unnest(tids, seqs) with ordinality d (tid, seq, nth), lateral (
      select t.id, t.name, t.body, t.spec, t.hold_ms, t.created_at from @.task t where t.seq = d.seq offset 0
    ) t offset 0
  ) t where l.ctid = t.tid
  returning null::int4, null::bool, null::bool, null::int4[], null::int8[], null::int8[], array[t.nth, ${FACTS}],
    t.id, t.name, t.body, t.spec;`;

const NUMBERS = `array(select (select q.number from @.queue q where q.name = n.name) from unnest(names) with ordinality n (name, nth)
  order by n.nth)`;

export const claimFunctions: string = `
-- The best due rows, locked: of each queue its distinct priorities, one after the other, so that future rows of a high
-- priority are never read.
create function @.due(names text[], now int8, most int4, out tids tid[], out seqs int8[]) language plpgsql volatile ${PLANS} as $$
declare
  number int4;
  level int2;
  more_tids tid[];
  more_seqs int8[];
begin
  for number in
    select q.number from unnest(names) with ordinality n (name, nth), @.queue q
    where q.name = n.name and not q.paused order by n.nth
  loop
    level := 32767;
    loop
      select l.priority into level from @.live l where l.queue = number and l.state = 'w' and l.priority < level
      order by l.queue, l.priority desc limit 1;
      exit when level is null;
      select array_agg(r.tid), array_agg(r.seq) into more_tids, more_seqs from (
        select l.ctid as tid, l.seq from @.live l where l.queue = number and l.state = 'w' and l.priority = level
          and l.run_at <= due.now and (l.expires_at is null or l.expires_at > due.now)
          and (l.order_key is null or not exists (select from @.live e where e.order_key = l.order_key
            and e.state in ('w', 'r') and (e.state = 'r' or e.seq < l.seq)))
        order by l.queue, l.priority desc, l.run_at, l.seq
        limit most - coalesce(cardinality(tids), 0) for update skip locked) r;
      tids := tids || more_tids;
      seqs := seqs || more_seqs;
      if cardinality(tids) >= most then
        return;
      end if;
    end loop;
  end loop;
end $$;

-- Leases the best due rows to a lane of a session. One that finds nothing writes nothing.
create function @.claim(worker text, way int4, asked int8, names text[], now int8, most int4, start int4) ${ANSWER} ${PLANS} as $$
declare
  micros int8 := @.clock(now);
  number int4;
  tids tid[];
  seqs int8[];
begin${LOOK}
  select d.tids, d.seqs into tids, seqs from @.due(names, now, most) d;
  due := tids is not null;
  if not due then
    return next;
    return;
  end if;${ENTER}
  queues := ${NUMBERS};
  return next;${LEASE}
end $$;

-- Ends tasks by lease and number, each another one, and claims. Where the claim is refused, nothing ends. Of the columns of
-- the states and of what they do not overrule one entry may stand for all.
-- The range of one number keeps the planner from reading all there are.
create function @.swap(seqs int8[], leases int8[], uncancelled bool[], states "char"[], attempts int4[], starts int8[], ends int8[],
  reasons text[], errors bytea[], results bytea[], results_expire int8[], records bytea[],
  worker text, way int4, asked int8, names text[], now int8, most int4, start int4) ${ANSWER} ${PLANS} as $$
declare
  micros int8 := @.clock(now);
  number int4;
  tids tid[];
  gone int8[];
begin${LOOK}${ENTER}
  with gone as (
    delete from @.live l using unnest(seqs, leases, uncancelled, states, attempts, starts, ends, reasons, errors, results,
        results_expire, records) with ordinality
      as c (seq, lease, uncancelled, state, attempt, started_at, finished_at, reason, error, result, result_expires_at, record, nth)
    where l.seq between c.seq and c.seq and l.lease = c.lease and l.state = 'r'
      and not (l.cancel and coalesce(c.uncancelled, swap.uncancelled[1]))
    returning c.nth, l.seq, l.run_at, l.lease, coalesce(c.started_at, l.started_at) as started_at, l.expires_at,
      coalesce(c.finished_at, l.finished_at) as finished_at, c.result_expires_at, l.queue, l.session, l.waits_for,
      coalesce(c.attempt, l.attempt) as attempt, l.crashes, l.redrives, l.priority, coalesce(c.state, states[1]) as state,
      l.cancel, l.awaited, coalesce(c.reason, l.reason) as reason, coalesce(c.error, l.error) as error, l.progress,
      c.result, c.record
  ), filed as (
    insert into @.done (seq, run_at, lease, started_at, expires_at, finished_at, result_expires_at, queue, session, waits_for,
      attempt, crashes, redrives, priority, state, cancel, reason, error, progress, result)
    select g.seq, g.run_at, g.lease, g.started_at, g.expires_at, g.finished_at, g.result_expires_at, g.queue, g.session,
      g.waits_for, g.attempt, g.crashes, g.redrives, g.priority, g.state, g.cancel, g.reason, g.error, g.progress, g.result
    from gone g
  ), noted as (
    insert into @.history (seq, lease, record) select g.seq, g.lease, g.record from gone g where g.record is not null order by g.nth
  )
  select array_agg(g.nth), array_agg(g.nth) filter (where g.awaited) into gone, awaited from gone g;
  if gone is null or cardinality(gone) < cardinality(seqs) then
    refused := array(select nth::int8 from generate_series(1, cardinality(seqs)) nth where nth <> all (coalesce(gone, '{}')));
  end if;
  if gone is not null then
    perform @.wake(false, true);
  end if;
  queues := ${NUMBERS};
  due := true;
  return next;
  select d.tids, d.seqs into tids, seqs from @.due(names, now, most) d;${LEASE}
end $$;
`;
