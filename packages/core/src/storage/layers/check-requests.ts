import { outOfBounds, unsupported } from '../failures.ts';
import { checkId, checkName } from '../names.ts';
import type { ClaimRequest, EdgeQuery, NewSession, QueueSettings, RateLimit, TaskQuery } from '../task-store.ts';
import { checkCount, checkInstant } from './check-numbers.ts';
import { MAX_ROWS, checkState, type CheckContext } from './check-rows.ts';

export function checkClaim(request: ClaimRequest): void {
  checkId(request.session, 'session');
  checkCount(request.lane, 'lane', 0);
  checkCount(request.request, 'request', 0);
  checkCount(request.limit, 'limit', 1, MAX_ROWS);
  checkCount(request.start, 'start', 0, request.limit);
  checkInstant(request.now, 'now');
  for (const queue of request.queues) checkName(queue, 'queue');
}

export function checkIds(ids: readonly string[]): void {
  if (ids.length > MAX_ROWS) throw outOfBounds('The number of ids', ids.length, `at most ${MAX_ROWS}`);
  for (const id of ids) checkId(id, 'task id');
}

export function checkQuery(query: TaskQuery): void {
  checkCount(query.limit, 'limit', 1, MAX_ROWS);
  for (const state of query.states ?? []) checkState(state);
  for (const queue of query.queues ?? []) checkName(queue, 'queue');
  for (const name of query.names ?? []) checkName(name, 'task name');
  if (query.session !== undefined) checkId(query.session, 'session');
  for (const field of ['dueBy', 'dueAfter', 'expiresBy', 'deadlineBy', 'finishedBy'] as const) {
    const at = query[field];
    if (at !== undefined) checkInstant(at, field);
  }
}

export function checkEdges(query: EdgeQuery): void {
  checkCount(query.limit, 'limit', 1, MAX_ROWS);
  if (query.parent !== undefined) checkId(query.parent, 'parent');
  if (query.child !== undefined) checkId(query.child, 'child');
}

/** As long as host names, boot ids and start times may be together. */
const MAX_HOST = 1024;

export function checkSession(session: NewSession): void {
  checkId(session.id, 'session');
  checkCount(session.pid, 'pid', 0);
  for (const field of ['host', 'processStart'] as const) {
    const value: unknown = session[field];
    if (typeof value !== 'string' || value.length > MAX_HOST)
      throw outOfBounds(field, value, `at most ${MAX_HOST} characters`);
  }
}

export function checkSettings(settings: Partial<QueueSettings>, { capabilities, backend }: CheckContext): void {
  const { concurrency = null, rate = null, perKey = null } = settings;
  if (!capabilities.limits && (concurrency !== null || rate !== null || perKey !== null))
    throw unsupported('limits', backend);
  checkLimits('', concurrency, rate);
  if (perKey !== null) checkLimits('perKey.', perKey.concurrency, perKey.rate);
}

function checkLimits(prefix: string, concurrency: number | null, rate: RateLimit | null): void {
  if (concurrency !== null) checkCount(concurrency, `${prefix}concurrency`, 1);
  if (rate === null) return;
  checkCount(rate.limit, `${prefix}rate.limit`, 1);
  checkCount(rate.periodMs, `${prefix}rate.periodMs`, 1);
}
