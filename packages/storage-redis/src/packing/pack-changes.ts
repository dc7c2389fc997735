import type { Change, Guard, Mutable } from '@omniq/core/storage';
import { NONE, orNone } from './none.ts';
import { writeRow } from './pack-rows.ts';
import { codeOf } from './state-code.ts';
import { Writer } from './writer.ts';

const RESULT = 1;
const RECORD = 2;
const ROWS = 4;

/** Changes as `update` takes them: in segments, each of one form. */
export function packChanges(changes: readonly Change[], now: number): Buffer {
  const writer = new Writer();
  for (let from = 0; from < changes.length;) {
    const form = formOf(changes[from] as Change);
    let to = from + 1;
    while (to < changes.length && formOf(changes[to] as Change) === form) to += 1;
    writer.byte(form).count(to - from);
    for (; from < to; from += 1) {
      if (form === ANY) writeChange(writer, changes[from] as Change, now);
      else writeEnd(writer, changes[from] as Change);
    }
  }
  return writer.bytes();
}

const ANY = 0;
const END = 1;

const RUNNING = codeOf('running');

/** Whether it is the end of a run that sets what ends set: the functions then patch the row. */
function formOf({ guard, set, record, then }: Change): typeof ANY | typeof END {
  if (!('lease' in guard) || guard.uncancelled === true || record !== undefined || then !== undefined) return ANY;
  const { state, attempt, startedAt, finishedAt } = set;
  if (state === undefined || attempt === undefined || startedAt === undefined || finishedAt === undefined) return ANY;
  if (codeOf(state) <= RUNNING || finishedAt === null) return ANY;
  for (const field in set) if (!endFields.has(field) && set[field as keyof Mutable] !== undefined) return ANY;
  return END;
}

const endFields: ReadonlySet<string> = new Set(['state', 'attempt', 'startedAt', 'finishedAt']);

/** Lease and state as they stand in the row, then what takes the place of state and times, then the result. */
function writeEnd(writer: Writer, { id, guard, set, result, resultExpiresAt }: Change): void {
  const { state, attempt, startedAt, finishedAt } = set as Mutable;
  writer.text(id).count(result === undefined ? 42 : 54 + result.length);
  writer.double((guard as { lease: number }).lease).byte(RUNNING);
  writer.byte(codeOf(state)).double(orNone(startedAt)).double(NONE).double(attempt).double(orNone(finishedAt));
  if (result === undefined) return;
  writer.double(orNone(resultExpiresAt ?? null));
  writer.block(result);
}

function writeChange(
  writer: Writer,
  { id, guard, set, result, resultExpiresAt, record, then = [] }: Change,
  now: number,
): void {
  const extras =
    (result === undefined ? 0 : RESULT) + (record === undefined ? 0 : RECORD) + (then.length === 0 ? 0 : ROWS);
  writer.text(id);
  writeGuard(writer, guard, extras);
  writeSet(writer, set);
  if (result !== undefined) writer.double(orNone(resultExpiresAt ?? null)).block(result);
  if (record !== undefined) writer.block(record);
  if (then.length === 0) return;
  writer.count(then.length);
  const hole = writer.hole();
  for (const row of then) writeRow(writer, row, now);
  writer.fill(hole);
}

function writeGuard(writer: Writer, guard: Guard, extras: number): void {
  if ('lease' in guard)
    writer
      .byte(guard.uncancelled === true ? 1 : 0)
      .byte(extras)
      .double(guard.lease);
  else if ('edge' in guard) writer.byte(3).byte(extras).text(guard.edge);
  else {
    let mask = 0;
    for (const state of guard.states) mask |= 1 << codeOf(state);
    writer.byte(2).byte(extras).byte(mask);
  }
}

type Write = (writer: Writer, value: never) => void;

const double: Write = (writer, value: number | null) => void writer.double(orNone(value));
const bytes: Write = (writer, value: Uint8Array | null) => {
  if (value === null) writer.count(0);
  else
    writer
      .count(value.length + 1)
      .byte(1)
      .raw(value);
};

/** In the order, and under the bits, of `SET` in the functions. */
const fields: readonly (readonly [keyof Mutable, Write])[] = [
  ['state', (writer, value: Mutable['state']) => void writer.byte(codeOf(value))],
  ['priority', (writer, value: number) => void writer.signed(value)],
  ['runAt', double],
  ['expiresAt', double],
  ['attempt', double],
  ['crashes', double],
  ['redrives', double],
  ['cancelRequested', (writer, value: boolean) => void writer.byte(value ? 1 : 0)],
  ['startedAt', double],
  ['finishedAt', double],
  ['deadlineAt', double],
  ['reason', (writer, value: string | null) => void writer.text(value ?? '')],
  ['error', bytes],
  ['progress', bytes],
];

function writeSet(writer: Writer, set: Partial<Mutable>): void {
  const hole = writer.hole();
  const mask = writer.smallHole();
  let bits = 0;
  for (const [index, [field, write]] of fields.entries()) {
    const value = set[field];
    if (value === undefined) continue;
    bits |= 1 << index;
    write(writer, value as never);
  }
  writer.fillSmall(mask, bits);
  writer.fill(hole);
}
