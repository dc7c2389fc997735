import { claimFunctions } from './claim-functions.ts';
import type { Migration } from './migration.ts';

/**
 * `task` holds what never changes after the insert, `live` what changes while a task lives, `done` its end; all three by
 * one number. So a claim or a retry copies neither payload nor text keys, and the end is a plain append. The row in
 * `task` outlives its removal until its id may be forgotten: the one index on ids refuses a repeated insert, whatever has
 * become of the task. A claim writes the row of its lane, so that lanes and beats of a session never wait for each other;
 * whoever ends the session closes its lanes. States: b blocked, w waiting, r running, c completed, f failed, x cancelled, e expired.
 */
export const initial: Migration = {
  version: 1,
  name: 'initial',
  oldest: 1,
  sql: `
create table @.session (
  number int4 primary key generated always as identity, id text collate "C" not null unique, host text not null,
  pid int8 not null, process_start text not null, opened_at int8 not null, beat_at int8 not null,
  beats int8 not null default 0, ended_at timestamptz
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.1);
create index session_ended on @.session (ended_at) where ended_at is not null;

create table @.lane (
  session int4 not null, lane int4 not null, request int8 not null default 0, closed bool not null default false,
  primary key (session, lane)
) with (fillfactor = 20, autovacuum_vacuum_scale_factor = 0.1);

create table @.queue (
  number int4 primary key generated always as identity, name text collate "C" not null unique,
  paused bool not null default false, configured bool not null default false
);

create table @.task (
  seq int8 primary key generated always as identity, id text collate "C" not null unique, queue int4 not null,
  created_at int8 not null, hold_ms int8 not null, unique_until int8, gone_until int8, name text collate "C" not null,
  unique_key text collate "C", order_key text collate "C", limit_key text collate "C", spec bytea, body bytea
);
create index task_gone on @.task (gone_until) where gone_until is not null;

create table @.live (
  seq int8 primary key, run_at int8 not null, lease int8 not null default 0, started_at int8, deadline_at int8,
  expires_at int8, finished_at int8, request int8, queue int4 not null, session int4, waits_for int4 not null default 0,
  attempt int4 not null default 0, crashes int4 not null default 0, redrives int4 not null default 0, lane int4,
  priority int2 not null, state "char" not null default 'w', cancel bool not null default false,
  awaited bool not null default false, live_key text collate "C", order_key text collate "C", reason text,
  error bytea, progress bytea
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0.2);
create index live_due on @.live (queue, priority desc, run_at, seq) where state = 'w';
create index live_running on @.live (session) with (deduplicate_items = off) where state = 'r';
create index live_expiring on @.live (expires_at) where expires_at is not null and state in ('b', 'w');
create unique index live_key on @.live (live_key) where live_key is not null;
create index live_order on @.live (order_key, seq) where order_key is not null and state in ('w', 'r');
create unique index live_order_running on @.live (order_key) where order_key is not null and state = 'r';

create table @.done (
  seq int8 primary key, run_at int8 not null, lease int8 not null, started_at int8, deadline_at int8, expires_at int8,
  finished_at int8, result_expires_at int8, queue int4 not null, session int4, waits_for int4 not null default 0,
  attempt int4 not null, crashes int4 not null, redrives int4 not null, priority int2 not null, state "char" not null,
  cancel bool not null, reason text, error bytea, progress bytea, result bytea
) with (autovacuum_vacuum_scale_factor = 0.05);
create index done_result on @.done (result_expires_at) where result_expires_at is not null;

create table @.edge (
  child int8 not null, parent int8 not null, policy text not null, primary key (child, parent)
);
create index edge_parent on @.edge (parent, child);

create table @.history (
  number int8 primary key generated always as identity, seq int8 not null, lease int8 not null, record bytea not null
);
create index history_task on @.history (seq, number);

create table @.result (
  id text collate "C" not null, lease int8 not null, expires_at int8, value bytea not null, primary key (id, lease)
);
create index result_end on @.result (expires_at) where expires_at is not null;

create table @.period_key (key text collate "C" primary key, task text collate "C" not null, until int8 not null);
create index period_key_end on @.period_key (until);

create table @.event (
  number int8 primary key generated always as identity, id text collate "C" not null unique, at int8 not null,
  level int4 not null, type text not null, task text collate "C", queue text collate "C", name text collate "C",
  correlation_id text collate "C", data bytea
);
create index event_at on @.event (at, number);
create index event_task on @.event (task, at, number) where task is not null;
create index event_correlation on @.event (correlation_id, at, number) where correlation_id is not null;

create sequence @.revision;
create table @.schedule (
  id text collate "C" primary key, state text not null, due_at int8, revision int8 not null, body bytea not null
);
create index schedule_due on @.schedule (due_at, id) where due_at is not null;
create table @.record (key text collate "C" primary key, tag int8 not null, value bytea not null);

create unlogged table @.idle (process text not null, ends bool not null, primary key (process, ends));

-- Microseconds of the server's clock. Raises OQ001 where a caller is more than a second ahead of it.
create function @.clock(now int8) returns int8 language plpgsql volatile as $$
declare micros int8 := (extract(epoch from clock_timestamp()) * 1000000)::int8;
begin
  if now > micros / 1000 + 1000 then
    raise exception using errcode = 'OQ001', message = 'clock ahead', detail = micros / 1000;
  end if;
  return micros;
end $$;

-- Ends the statement, and with it the transaction that it is part of.
create function @.refuse() returns void language plpgsql volatile as $$
begin
  raise exception using errcode = 'OQ002', message = 'lease lost';
end $$;

-- Time-ordered, as RFC 9562 says.
create function @.new_id() returns text language sql volatile as $$
  select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing
    substring(int8send((extract(epoch from clock_timestamp()) * 1000)::int8) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid::text
$$;

-- Wakes workers that said they are idle, and those who wait for tasks to end. In the caller's transaction. Whom another
-- one is about to wake is left to it.
create function @.wake(tasks bool, ends bool) returns void language plpgsql volatile as $$
begin
  if exists (select from @.idle i where case when i.ends then wake.ends else wake.tasks end) then
    delete from @.idle i where ctid in (
      select ctid from @.idle o where case when o.ends then wake.ends else wake.tasks end for update skip locked);
    if found then
      perform pg_notify('@channel', '');
    end if;
  end if;
end $$;

${claimFunctions}
-- Enqueues from SQL: triggers, other languages. Returns the id of the task, or of the one that holds the unique key.
create function @.enqueue(name text, payload jsonb default null, queue text default 'default', priority int default 0,
  run_at timestamptz default null, unique_key text default null, id text default null)
returns text language plpgsql volatile as $$
#variable_conflict use_variable
declare
  ms int8 := @.clock(0) / 1000;
  given text;
  number int4;
  task_seq int8;
  holder text;
begin
  foreach given in array array[name, queue, coalesce(id, 'id')] loop
    if given is null or given = '' or length(given) > 128 or octet_length(given) > 256 or given ~ '[\\u0001-\\u001f\\u007f-\\u009f]' then
      raise exception using errcode = '22023', message = 'A name, queue or id takes 1 to 128 characters, none of them a control character.';
    end if;
  end loop;
  if priority is null or priority not between -1000 and 1000 then
    raise exception using errcode = '22023', message = 'The priority is an integer from -1000 to 1000.';
  end if;
  if unique_key = '' or length(unique_key) > 512 or octet_length(unique_key) > 1024 or unique_key ~ '[\\u0001-\\u001f\\u007f-\\u009f]' then
    raise exception using errcode = '22023', message = 'The unique key takes 1 to 512 characters, none of them a control character.';
  end if;
  if unique_key is not null then
    perform pg_advisory_xact_lock(hashtextextended('@key ' || unique_key, 0));
    select t.id into holder from @.live l join @.task t on t.seq = l.seq where l.live_key = unique_key;
    if holder is null then
      select p.task into holder from @.period_key p where p.key = unique_key and p.until > ms;
    end if;
    if holder is not null then
      return holder;
    end if;
  end if;
  select q.number into number from @.queue q where q.name = queue;
  if number is null then
    insert into @.queue as q (name) values (queue) on conflict do nothing;
    select q.number into number from @.queue q where q.name = queue;
  end if;
  id := coalesce(id, @.new_id());
  delete from @.task t where t.id = id and t.gone_until <= ms;
  insert into @.task as t (id, queue, name, created_at, hold_ms, unique_key, body)
  values (id, number, name, ms, 3600000, unique_key, '\\x4a'::bytea || convert_to(payload::text, 'UTF8'))
  on conflict do nothing returning t.seq into task_seq;
  if task_seq is not null then
    insert into @.live (seq, queue, priority, run_at, live_key)
    values (task_seq, number, priority, coalesce(floor(extract(epoch from run_at) * 1000)::int8, ms), unique_key);
    perform @.wake(true, false);
  end if;
  return id;
end $$;
`,
};
