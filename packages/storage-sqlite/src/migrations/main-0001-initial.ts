import type { Migration } from './migration.ts';

/**
 * Tasks keep their row to the end, so a task costs one insert and two updates; what never changes lies apart, its id
 * among it, so that no update rewrites it. Their numbers come from a counter of ours, once per batch: AUTOINCREMENT would
 * write its own with every row. States: 0 blocked, 1 waiting, 2 running, 3 completed, 4 failed, 5 cancelled,
 * 6 expired. `behind` marks a task that waits behind another one of its ordering key: it is in no claim's way.
 */
export const initial: Migration = {
  version: 1,
  name: 'initial',
  sql: `
CREATE TABLE omniq_tasks (
  seq INTEGER PRIMARY KEY,
  queue TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 6),
  behind INTEGER NOT NULL DEFAULT 0,
  priority INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  expires_at INTEGER,
  hold_ms INTEGER NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  redrives INTEGER NOT NULL DEFAULT 0,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  lease INTEGER NOT NULL DEFAULT 0,
  holder INTEGER,
  started_at INTEGER,
  finished_at INTEGER,
  deadline_at INTEGER,
  waits_for INTEGER NOT NULL DEFAULT 0,
  unique_key TEXT,
  unique_until INTEGER,
  order_key TEXT,
  reason TEXT,
  error BLOB,
  progress BLOB
) STRICT;

CREATE INDEX omniq_ready ON omniq_tasks (queue, priority DESC, run_at) WHERE state = 1 AND behind = 0;
CREATE INDEX omniq_running ON omniq_tasks (holder, lease) WHERE state = 2;
CREATE INDEX omniq_ended ON omniq_tasks (queue, state, finished_at) WHERE state >= 3;
CREATE INDEX omniq_blocked ON omniq_tasks (queue) WHERE state = 0;
CREATE INDEX omniq_behind ON omniq_tasks (queue, run_at) WHERE state = 1 AND behind = 1;
CREATE INDEX omniq_expiring ON omniq_tasks (expires_at) WHERE expires_at IS NOT NULL AND state < 2;
CREATE UNIQUE INDEX omniq_live_keys ON omniq_tasks (unique_key)
  WHERE unique_key IS NOT NULL AND unique_until IS NULL AND state < 3;
CREATE INDEX omniq_order_keys ON omniq_tasks (order_key, behind, state) WHERE order_key IS NOT NULL AND state IN (1, 2);

CREATE TABLE omniq_payloads (
  task INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  limit_key TEXT,
  created_at INTEGER NOT NULL,
  spec BLOB,
  body BLOB
) STRICT;

CREATE TABLE omniq_edges (
  child INTEGER NOT NULL,
  parent INTEGER NOT NULL,
  policy TEXT NOT NULL,
  PRIMARY KEY (child, parent)
) STRICT, WITHOUT ROWID;
CREATE INDEX omniq_edges_by_parent ON omniq_edges (parent, child);

CREATE TABLE omniq_history (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  task INTEGER NOT NULL,
  lease INTEGER NOT NULL,
  record BLOB NOT NULL
) STRICT;
CREATE INDEX omniq_history_by_task ON omniq_history (task);

CREATE TABLE omniq_period_keys (
  key TEXT PRIMARY KEY,
  task TEXT NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX omniq_period_keys_by_end ON omniq_period_keys (until);

CREATE TABLE omniq_tombstones (
  id TEXT PRIMARY KEY,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX omniq_tombstones_by_end ON omniq_tombstones (until);

CREATE TABLE omniq_queues (
  queue TEXT PRIMARY KEY,
  paused INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE omniq_holders (
  holder INTEGER PRIMARY KEY AUTOINCREMENT,
  session TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE omniq_lanes (
  holder INTEGER NOT NULL,
  lane INTEGER NOT NULL,
  request INTEGER NOT NULL,
  first_lease INTEGER NOT NULL,
  last_lease INTEGER NOT NULL,
  PRIMARY KEY (holder, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE omniq_counters (
  name TEXT PRIMARY KEY,
  last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO omniq_counters (name, last) VALUES ('task', 0), ('lease', 0), ('revision', 0);

CREATE TABLE omniq_results (
  id TEXT NOT NULL,
  lease INTEGER NOT NULL,
  expires_at INTEGER,
  value BLOB NOT NULL,
  PRIMARY KEY (id, lease)
) STRICT, WITHOUT ROWID;
CREATE INDEX omniq_results_by_end ON omniq_results (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE omniq_events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  level INTEGER NOT NULL,
  task TEXT,
  queue TEXT,
  name TEXT,
  correlation_id TEXT,
  data BLOB
) STRICT;
CREATE INDEX omniq_events_by_time ON omniq_events (at);
CREATE INDEX omniq_events_by_task ON omniq_events (task, at) WHERE task IS NOT NULL;
CREATE INDEX omniq_events_by_correlation ON omniq_events (correlation_id, at) WHERE correlation_id IS NOT NULL;

CREATE TABLE omniq_schedules (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  due_at INTEGER,
  revision INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX omniq_schedules_due ON omniq_schedules (due_at, id) WHERE due_at IS NOT NULL;

CREATE TABLE omniq_records (
  key TEXT PRIMARY KEY,
  tag INTEGER NOT NULL,
  value BLOB NOT NULL
) STRICT;
`,
};
