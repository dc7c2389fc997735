/**
 * `task` never changes after its insert, `live` holds what changes while a task lives, `done` its end; all three by one
 * number. So a claim or a retry copies neither payload nor text keys, the ids of finished tasks still refuse a repeated
 * insert, listing in insert order needs no index on the hot table, and the end is a plain append.
 */
export const SCHEMA: string = `
create table session (
  number int4 primary key generated always as identity, id text collate "C" not null unique, host text not null, pid int not null,
  process_start text not null, opened_at int8 not null, beat_at int8 not null, beats int8 not null default 0,
  ended bool not null default false, lanes int8[] not null default '{}'
) with (fillfactor = 50);
create table queue (number int4 primary key generated always as identity, name text collate "C" not null unique,
  paused bool not null default false);
create table task (
  seq int8 primary key generated always as identity, id text collate "C" not null unique, queue int4 not null,
  name text not null, created_at int8 not null, hold_ms int8 not null, body bytea, spec bytea
);
create table live (
  seq int8 primary key, run_at int8 not null, lease int8 not null default 0, started_at int8, deadline_at int8,
  expires_at int8, request int8, queue int4 not null, session int4, priority int2 not null, lane int2,
  attempt int2 not null default 0, crashes int2 not null default 0, redrives int2 not null default 0,
  state "char" not null default 'w', cancel bool not null default false
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
create index live_due on live (queue, priority desc, run_at, seq) where state = 'w';
create index live_running on live (session) where state = 'r';
create table done (
  seq int8 primary key, lease int8 not null, finished_at int8 not null, session int4, attempt int2 not null,
  state text not null, reason text, error bytea, result bytea
);
create table edge (parent int8, child int8, primary key (parent, child));
create unlogged table idle (session text primary key);
`;
