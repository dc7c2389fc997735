import type { ClaimRequest } from '@omniq/core/storage';
import type { Command, HeldChange, HeldNewTask } from './command.ts';
import { isSettings } from './queue-settings.ts';
import { refuse } from './refuse.ts';
import {
  isBytes,
  isCount,
  isList,
  isNumber,
  isPolicy,
  isPriority,
  isReachable,
  isRowCount,
  isScheduleState,
  isState,
  isText,
  isWhole,
} from './value-checks.ts';

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
      if (!isSettings(command.settings)) throw invalid('settings');
      return;
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
      assertText(id, 'id');
      if (!isScheduleState(state)) throw invalid('state');
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
    assertPriority(row.priority);
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
      if (!isPolicy(policy)) throw invalid('policy');
    }
  }
}

function assertRequest(request: ClaimRequest): void {
  assertText(request.session, 'session');
  assertTexts(request.queues, 'queues');
  assertWhole(request.lane, 'lane');
  assertWhole(request.request, 'request');
  assertRowCount(request.limit, 'limit');
  assertWhole(request.start, 'start');
  assertNumber(request.now, 'now');
}

function assertChanges(changes: readonly HeldChange[]): void {
  assertList(changes, 'changes');
  for (const { id, guard, set, result, resultExpiresAt, record, then } of changes) {
    if (id !== null || !('lease' in guard)) assertText(id, 'id');
    if ('lease' in guard) assertNumber(guard.lease, 'lease');
    else if ('edge' in guard) assertText(guard.edge, 'edge');
    else {
      assertList(guard.states, 'states');
      if (!guard.states.every((state) => isState(state))) throw invalid('states');
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
  if (set.state !== undefined && !isReachable(set.state)) throw invalid('state');
  if (set.priority !== undefined) assertPriority(set.priority);
  if (set.runAt !== undefined) assertNumber(set.runAt, 'runAt');
  if (set.attempt !== undefined) assertCount(set.attempt, 'attempt');
  if (set.crashes !== undefined) assertCount(set.crashes, 'crashes');
  if (set.redrives !== undefined) assertCount(set.redrives, 'redrives');
  if (set.startedAt !== undefined && set.startedAt !== null) assertNumber(set.startedAt, 'startedAt');
  if (set.finishedAt !== undefined && set.finishedAt !== null) assertNumber(set.finishedAt, 'finishedAt');
  if (set.deadlineAt !== undefined && set.deadlineAt !== null) assertNumber(set.deadlineAt, 'deadlineAt');
  if (set.expiresAt !== undefined && set.expiresAt !== null) assertNumber(set.expiresAt, 'expiresAt');
  if (set.cancelRequested !== undefined && typeof set.cancelRequested !== 'boolean') throw invalid('cancelRequested');
  if (set.reason !== undefined && set.reason !== null) assertText(set.reason, 'reason');
  if (set.error !== undefined && set.error !== null) assertBytes(set.error, 'error');
  if (set.progress !== undefined && set.progress !== null) assertBytes(set.progress, 'progress');
}

function assertNumber(value: unknown, what: string): void {
  if (!isNumber(value)) throw invalid(what);
}

function assertCount(value: unknown, what: string): void {
  if (!isCount(value)) throw invalid(what);
}

function assertRowCount(value: unknown, what: string): void {
  if (!isRowCount(value)) throw invalid(what);
}

function assertWhole(value: unknown, what: string): void {
  if (!isWhole(value)) throw invalid(what);
}

function assertPriority(value: unknown): void {
  if (!isPriority(value)) throw invalid('priority');
}

function assertText(value: unknown, what: string): void {
  if (!isText(value)) throw invalid(what);
}

function assertTexts(values: readonly unknown[], what: string): void {
  assertList(values, what);
  for (const value of values) assertText(value, what);
}

function assertList(value: unknown, what: string): void {
  if (!isList(value)) throw invalid(what);
}

function assertBytes(value: unknown, what: string): void {
  if (!isBytes(value)) throw invalid(what);
}

function invalid(what: string): Error {
  return refuse('INVALID_INPUT', `A command has no valid ${what}.`, { field: what });
}
