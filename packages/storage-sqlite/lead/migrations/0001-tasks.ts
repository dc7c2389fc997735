/**
 * States are numbers, in the order of `states` in rows.ts. The body stands last, and large ones in a table of their own,
 * so that changing a row never rewrites a large payload. Indexes are partial: each holds only the rows it is asked for.
 */
export const sql = `
CREATE TABLE tasks (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  queue TEXT NOT NULL,
  name TEXT NOT NULL,
  state INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  run_at INTEGER NOT NULL,
  expires_at INTEGER,
  created_at INTEGER NOT NULL,
  hold_ms INTEGER NOT NULL,
  lease INTEGER NOT NULL DEFAULT 0,
  session TEXT,
  attempt INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  redrives INTEGER NOT NULL DEFAULT 0,
  waits_for INTEGER NOT NULL DEFAULT 0,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  started_at INTEGER,
  finished_at INTEGER,
  deadline_at INTEGER,
  reason TEXT,
  unique_key TEXT,
  unique_until INTEGER,
  order_key TEXT,
  limit_key TEXT,
  error BLOB,
  progress BLOB,
  spec BLOB,
  big INTEGER NOT NULL DEFAULT 0,
  body BLOB
) STRICT;
CREATE UNIQUE INDEX tasks_by_id ON tasks (id);
CREATE INDEX claimable ON tasks (queue, priority DESC, run_at) WHERE state = 0;
CREATE INDEX running ON tasks (session) WHERE state = 1;
CREATE INDEX expiring ON tasks (expires_at) WHERE expires_at IS NOT NULL AND state IN (0, 2);
CREATE INDEX blocked ON tasks (seq) WHERE state = 2;
CREATE INDEX ended ON tasks (state, finished_at) WHERE state >= 3;

CREATE TABLE bodies (seq INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;

CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO counters VALUES ('lease', 0);

CREATE TABLE claims (
  session TEXT NOT NULL,
  lane INTEGER NOT NULL,
  request INTEGER NOT NULL,
  first_lease INTEGER NOT NULL,
  last_lease INTEGER NOT NULL,
  PRIMARY KEY (session, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE edges (
  parent TEXT NOT NULL,
  child TEXT NOT NULL,
  policy TEXT NOT NULL,
  PRIMARY KEY (parent, child)
) STRICT, WITHOUT ROWID;
CREATE INDEX edges_by_child ON edges (child, parent);

CREATE TABLE uniques (key TEXT PRIMARY KEY, id TEXT NOT NULL, until INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX uniques_by_id ON uniques (id);

CREATE TABLE history (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  lease INTEGER NOT NULL,
  record BLOB NOT NULL
) STRICT;
CREATE INDEX history_by_id ON history (id, seq);

CREATE TABLE tombstones (id TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX tombstones_by_until ON tombstones (until);

CREATE TABLE queues (queue TEXT PRIMARY KEY, settings TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE results (
  id TEXT NOT NULL,
  lease INTEGER NOT NULL,
  expires_at INTEGER,
  value BLOB NOT NULL,
  PRIMARY KEY (id, lease)
) STRICT, WITHOUT ROWID;
CREATE INDEX results_by_expiry ON results (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE events (
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
CREATE INDEX events_by_time ON events (at, seq);
CREATE INDEX events_by_task ON events (task, at, seq) WHERE task IS NOT NULL;

CREATE TABLE schedules (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  due_at INTEGER,
  revision INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX schedules_by_due ON schedules (due_at, id) WHERE due_at IS NOT NULL;

CREATE TABLE records (
  key BLOB PRIMARY KEY,
  tag INTEGER NOT NULL,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counters VALUES ('tag', 0);
`;
