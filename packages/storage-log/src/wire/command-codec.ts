import type { ClaimRequest } from '@omniq/core/storage';
import type { Command } from '../machine/command.ts';
import type { Bytes } from '../machine/piece.ts';
import { readBytesColumn, toBytesColumn } from '../columns/bytes-column.ts';
import { decodeChanges, encodeChanges } from './changes.ts';
import type { RowBudget } from '../columns/row-budget.ts';
import type { Packing } from './packing.ts';
import { decodeTasks, encodeTasks } from './task-rows.ts';

/** A command as plain arrays for msgpack, its verb first. */
export function encodeCommand(command: Command, packing: Packing): readonly unknown[] {
  const { putAside } = packing;
  switch (command.verb) {
    case 'insert':
      return ['insert', command.now, encodeTasks(command.rows, putAside)];
    case 'claim':
      return ['claim', ...requestFields(command.request)];
    case 'update':
      return ['update', command.now, encodeChanges(command.changes, packing)];
    case 'swap':
      return ['swap', encodeChanges(command.changes, packing), ...requestFields(command.request)];
    case 'putResults': {
      const values = command.results.map(({ value }) => value);
      const keys = command.results.map(({ id, lease, expiresAt }) => [id, lease, expiresAt]);
      return ['putResults', keys, toBytesColumn(values, putAside)];
    }
    case 'putSchedule': {
      const { id, state, dueAt, body } = command.row;
      return ['putSchedule', command.ifRevision, id, state, dueAt, toBytesColumn([body], putAside)];
    }
    default: {
      const { verb, ...rest } = command;
      return [verb, rest];
    }
  }
}

/** @throws TypeError where the arrays do not fit; what they hold is for the machine to judge */
export function decodeCommand(encoded: unknown, budget: RowBudget): Command {
  if (!Array.isArray(encoded)) throw new TypeError('not a command');
  const [verb, ...rest] = encoded as readonly unknown[];
  switch (verb) {
    case 'insert':
      return { verb, now: rest[0] as number, rows: decodeTasks(rest[1], budget) };
    case 'claim':
      return { verb, request: requestOf(rest) };
    case 'update':
      return { verb, now: rest[0] as number, changes: decodeChanges(rest[1], budget) };
    case 'swap':
      return { verb, changes: decodeChanges(rest[0], budget), request: requestOf(rest.slice(1)) };
    case 'putResults': {
      const keys = rest[0] as readonly (readonly [string, number, number | null])[];
      const value = readBytesColumn(rest[1], keys.length);
      const results = keys.map(([id, lease, expiresAt]) => ({ id, lease, expiresAt, value: value() as Bytes }));
      return { verb, results };
    }
    case 'putSchedule': {
      const [ifRevision, id, state, dueAt, body] = rest as [number | null, string, 'active', number | null, unknown];
      return { verb, ifRevision, row: { id, state, dueAt, body: readBytesColumn(body, 1)() as Bytes } };
    }
    default:
      return { ...(rest[0] as object), verb } as Command;
  }
}

function requestFields(request: ClaimRequest): readonly unknown[] {
  const { session, lane, request: number, queues, limit, start, now } = request;
  return [session, lane, number, queues, limit, start, now];
}

function requestOf([session, lane, request, queues, limit, start, now]: readonly unknown[]): ClaimRequest {
  return { session, lane, request, queues, limit, start, now } as ClaimRequest;
}
