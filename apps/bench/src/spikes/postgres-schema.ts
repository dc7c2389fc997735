/**
 * The narrow table `live` holds what changes while a task lives, `task` what never changes plus the end. So a claim or a
 * retry never copies a payload, the ids of finished tasks still refuse a repeated insert, and listing needs no index on
 * the hot table.
 */
export const SCHEMA = `
create table session (
  id text collate "C" primary key, host text not null, pid int not null, process_start text not null,
  opened_at int8 not null, beat_at int8 not null, beats int8 not null default 0, ended bool not null default false,
  lanes int8[] not null default '{}'
) with (fillfactor = 50);
create table queue (queue text collate "C" primary key, paused bool not null default false);
create table task (
  id text collate "C" primary key, seq int8 not null generated always as identity, queue text collate "C" not null,
  name text not null, created_at int8 not null, expires_at int8, hold_ms int8 not null, body bytea, spec bytea,
  state text, lease int8, attempt int2, finished_at int8, reason text, error bytea, result bytea
) with (fillfactor = 80);
create index task_seq on task (seq);
create table live (
  id text collate "C" primary key, seq int8 not null, queue text collate "C" not null, priority int2 not null,
  run_at int8 not null, expires_at int8, hold_ms int8 not null, state "char" not null default 'w',
  lease int8 not null default 0, session text collate "C", lane int2, request int8, attempt int2 not null default 0,
  crashes int2 not null default 0, redrives int2 not null default 0, cancel bool not null default false,
  started_at int8, deadline_at int8
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
create index live_due on live (queue, priority desc, run_at, seq) where state = 'w';
create index live_running on live (session) where state = 'r';
create table edge (parent text collate "C", child text collate "C", primary key (parent, child));
`;
