import type { ClaimRequest, StoredState } from '@omniq/core/storage';
import type { Command, HeldChange, HeldNewTask } from './command.ts';
import { Piece } from './piece.ts';
import { refuse } from './refuse.ts';

/** Longer than any name, id or key that the core lets through. */
const MOST_CHARACTERS = 1_024;
/** More than any batch that the core makes. */
const MOST_ROWS = 100_000;

/** States that a change may lead to; a task begins to run by a claim. */
const reachable: ReadonlySet<unknown> = new Set<StoredState>([
  'blocked',
  'waiting',
  'completed',
  'failed',
  'cancelled',
  'expired',
]);
const states: ReadonlySet<unknown> = new Set([...reachable, 'running']);
const policies: ReadonlySet<unknown> = new Set(['cancel', 'run', 'hold']);

/**
 * Looks a command over before anything is changed by it: what comes out of a log may have been written by anybody.
 * @throws Refused `INVALID_INPUT`
 */
export function assertCommand(command: Command): void {
  switch (command.verb) {
    case 'insert':
      assertNumber(command.now, 'now');
      return assertTasks(command.rows);
    case 'claim':
      return assertRequest(command.request);
    case 'update':
      assertNumber(command.now, 'now');
      return assertChanges(command.changes);
    case 'swap':
      assertRequest(command.request);
      return assertChanges(command.changes);
    case 'remove':
      assertTexts(command.ids, 'ids');
      return assertNumber(command.rememberUntil, 'rememberUntil');
    case 'open': {
      const { id, host, pid, processStart } = command.session;
      assertTexts([id, host, processStart], 'session');
      assertNumber(pid, 'pid');
      return assertNumber(command.now, 'now');
    }
    case 'beat':
      assertText(command.session, 'session');
      return assertNumber(command.now, 'now');
    case 'end':
      assertText(command.session, 'session');
      return command.beats === undefined ? undefined : assertNumber(command.beats, 'beats');
    case 'configure':
      assertText(command.queue, 'queue');
      return assertSettings(command.settings);
    case 'putResults':
      assertList(command.results, 'results');
      for (const { id, lease, value, expiresAt } of command.results) {
        assertText(id, 'id');
        assertNumber(lease, 'lease');
        assertBytes(value, 'value');
        if (expiresAt !== null) assertNumber(expiresAt, 'expiresAt');
      }
      return;
    case 'removeResults':
      assertList(command.keys, 'keys');
      for (const { id, below } of command.keys) {
        assertText(id, 'id');
        if (below !== undefined) assertNumber(below, 'below');
      }
      return;
    case 'sweepResults':
      assertNumber(command.now, 'now');
      return assertNumber(command.limit, 'limit');
    case 'putSchedule': {
      const { id, state, dueAt, body } = command.row;
      assertTexts([id, state], 'row');
      if (dueAt !== null) assertNumber(dueAt, 'dueAt');
      if (command.ifRevision !== null) assertNumber(command.ifRevision, 'ifRevision');
      return assertBytes(body, 'body');
    }
    case 'removeSchedule':
      return assertText(command.id, 'id');
    default:
      throw invalid('verb');
  }
}

function assertTasks(rows: readonly HeldNewTask[]): void {
  assertList(rows, 'rows');
  for (const row of rows) {
    assertText(row.id, 'id');
    assertText(row.queue, 'queue');
    assertText(row.name, 'name');
    assertNumber(row.priority, 'priority');
    assertNumber(row.runAt, 'runAt');
    assertNumber(row.admitBy, 'admitBy');
    assertNumber(row.holdMs, 'holdMs');
    if (row.expiresAt !== null) assertNumber(row.expiresAt, 'expiresAt');
    if (row.orderKey !== null) assertText(row.orderKey, 'orderKey');
    if (row.limitKey !== null) assertText(row.limitKey, 'limitKey');
    if (row.body !== null) assertBytes(row.body, 'body');
    if (row.spec !== null) assertBytes(row.spec, 'spec');
    if (row.unique !== null) {
      assertText(row.unique.key, 'unique');
      if (row.unique.until !== null) assertNumber(row.unique.until, 'unique');
    }
    assertList(row.parents, 'parents');
    for (const { id, policy } of row.parents) {
      assertText(id, 'parents');
      if (!policies.has(policy)) throw invalid('policy');
    }
  }
}

function assertRequest(request: ClaimRequest): void {
  assertText(request.session, 'session');
  assertTexts(request.queues, 'queues');
  assertNumber(request.lane, 'lane');
  assertNumber(request.request, 'request');
  assertNumber(request.limit, 'limit');
  assertNumber(request.start, 'start');
  assertNumber(request.now, 'now');
}

function assertChanges(changes: readonly HeldChange[]): void {
  assertList(changes, 'changes');
  for (const { id, guard, set, result, resultExpiresAt, record, then } of changes) {
    if (id !== null || !('lease' in guard)) assertText(id as string, 'id');
    if ('lease' in guard) assertNumber(guard.lease, 'lease');
    else if ('edge' in guard) assertText(guard.edge, 'edge');
    else {
      assertList(guard.states, 'states');
      if (!guard.states.every((state) => states.has(state))) throw invalid('states');
    }
    assertSet(set);
    if (result !== undefined) assertBytes(result, 'result');
    if (resultExpiresAt !== undefined && resultExpiresAt !== null) assertNumber(resultExpiresAt, 'resultExpiresAt');
    if (record !== undefined) assertBytes(record, 'record');
    if (then !== undefined) assertTasks(then);
  }
}

function assertSet(set: HeldChange['set']): void {
  if (typeof set !== 'object' || set === null) throw invalid('set');
  if (set.state !== undefined && !reachable.has(set.state)) throw invalid('state');
  if (set.priority !== undefined) assertNumber(set.priority, 'priority');
  if (set.runAt !== undefined) assertNumber(set.runAt, 'runAt');
  if (set.attempt !== undefined) assertNumber(set.attempt, 'attempt');
  if (set.crashes !== undefined) assertNumber(set.crashes, 'crashes');
  if (set.redrives !== undefined) assertNumber(set.redrives, 'redrives');
  if (set.startedAt !== undefined && set.startedAt !== null) assertNumber(set.startedAt, 'startedAt');
  if (set.finishedAt !== undefined && set.finishedAt !== null) assertNumber(set.finishedAt, 'finishedAt');
  if (set.deadlineAt !== undefined && set.deadlineAt !== null) assertNumber(set.deadlineAt, 'deadlineAt');
  if (set.expiresAt !== undefined && set.expiresAt !== null) assertNumber(set.expiresAt, 'expiresAt');
  if (set.cancelRequested !== undefined && typeof set.cancelRequested !== 'boolean') throw invalid('cancelRequested');
  if (set.reason !== undefined && set.reason !== null) assertText(set.reason, 'reason');
  if (set.error !== undefined && set.error !== null) assertBytes(set.error, 'error');
  if (set.progress !== undefined && set.progress !== null) assertBytes(set.progress, 'progress');
}

function assertSettings(settings: (Command & { readonly verb: 'configure' })['settings']): void {
  const { paused, concurrency, rate, perKey } = settings;
  if (paused !== undefined && typeof paused !== 'boolean') throw invalid('paused');
  for (const limit of [concurrency, perKey?.concurrency])
    if (limit !== undefined && limit !== null) assertNumber(limit, 'concurrency');
  for (const each of [rate, perKey?.rate]) {
    if (each === undefined || each === null) continue;
    assertNumber(each.limit, 'rate');
    assertNumber(each.periodMs, 'rate');
  }
}

function assertNumber(value: number, what: string): void {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(what);
}

function assertText(value: string, what: string): void {
  if (typeof value !== 'string' || value.length > MOST_CHARACTERS) throw invalid(what);
}

function assertTexts(values: readonly string[], what: string): void {
  assertList(values, what);
  for (const value of values) assertText(value, what);
}

function assertList(value: readonly unknown[], what: string): void {
  if (!Array.isArray(value) || value.length > MOST_ROWS) throw invalid(what);
}

function assertBytes(value: unknown, what: string): void {
  if (!(value instanceof Uint8Array) && !(value instanceof Piece)) throw invalid(what);
}

function invalid(what: string): Error {
  return refuse('INVALID_INPUT', `A command has no valid ${what}.`, { field: what });
}
