import type { Migration } from './migration.ts';

/** Sessions live in a file of their own: a long transaction on the main one then holds up no heartbeat. */
export const initial: Migration = {
  version: 1,
  name: 'initial',
  sql: `
CREATE TABLE omniq_sessions (
  id TEXT PRIMARY KEY,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  process_start TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  beat_at INTEGER NOT NULL,
  beats INTEGER NOT NULL DEFAULT 0,
  ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX omniq_sessions_ended ON omniq_sessions (ended_at) WHERE ended_at IS NOT NULL;
`,
};
