import type { TaskRow } from '@omniq/core/storage';
import { stateOf } from './state-code.ts';

/** What rows `r` of `live` and of `done` have in common, under the names that {@link taskRow} reads. */
export const ROW_COLUMNS = `r.seq, r.queue as "queueNumber", r.priority, r.run_at as "runAt", r.expires_at as "expiresAt",
  r.state, r.attempt, r.crashes, r.redrives, r.cancel as "cancelRequested", r.started_at as "startedAt",
  r.finished_at as "finishedAt", r.deadline_at as "deadlineAt", r.reason, r.error, r.progress, r.lease,
  r.session as "sessionNumber", r.waits_for as "waitsFor"`;

/** The columns that lie apart: of `task t`, for a row `x` of either kind. */
export const OWN_COLUMNS = `x.*, t.id, t.name, t.hold_ms as "holdMs", t.unique_key as "uniqueKey",
  t.order_key as "orderKey", t.limit_key as "limitKey", t.created_at as "createdAt", t.body, t.spec,
  (select name from @.queue q where q.number = x."queueNumber") as queue,
  (select id from @.session s where s.number = x."sessionNumber") as session`;

/** A row as it is read, its state a letter. */
export type StoredRow = Omit<TaskRow, 'state'> & {
  readonly state: string;
  readonly seq: number;
  readonly queueNumber: number;
  readonly sessionNumber: number | null;
};

export function taskRow({ seq: _seq, queueNumber: _queue, sessionNumber: _session, ...row }: StoredRow): TaskRow {
  return { ...row, state: stateOf(row.state) };
}
