import type { NewTask } from '@omniq/core/storage';
import { NONE, orNone } from './none.ts';
import { codeOf } from './state-code.ts';
import { Writer } from './writer.ts';

const UNIQUE = 1;
const ORDERED = 2;
const WITH_PARENTS = 4;
/** The flag of a row that has a key. */
const BOUND = 8;
const WAITING = codeOf('waiting');
const BLOCKED = codeOf('blocked');
const policies = { cancel: 99, run: 114, hold: 104 } as const;

/** Where the texts of an image begin, counted from where the numbers of the whole row begin; see `pack_row`. */
const TEXTS_AT = 119;

/** Rows as `insert` takes them. */
export function packRows(rows: readonly NewTask[], now: number): Buffer {
  const writer = new Writer();
  for (const row of rows) writeRow(writer, row, now);
  return writer.bytes();
}

/** Writes rows into a larger request. */
export function writeRow(writer: Writer, row: NewTask, now: number): void {
  const { unique, orderKey, parents } = row;
  const flags =
    (unique === null ? 0 : UNIQUE) + (orderKey === null ? 0 : ORDERED) + (parents.length === 0 ? 0 : WITH_PARENTS);
  const distinct = parents.length === 0 ? [] : [...new Map(parents.map((parent) => [parent.id, parent])).values()];
  writer.text(row.id).double(row.admitBy).byte(flags);
  writeImage(writer, row, distinct.length, now);
  writeBody(writer, row);
  if (unique !== null) writer.text(unique.key).double(orNone(unique.until));
  if (orderKey !== null) writer.text(orderKey);
  if (distinct.length === 0) return;
  writer.short(distinct.length);
  for (const { id, policy } of distinct) writer.text(id).byte(policies[policy]);
}

/** The row as the functions keep it, but for its number. */
export function writeImage(writer: Writer, row: NewTask, waitsFor: number, now: number): void {
  const size = writer.smallHole();
  const start = writer.length;
  writer
    .double(0)
    .byte(waitsFor === 0 ? WAITING : BLOCKED)
    .double(NONE)
    .double(NONE)
    .double(0)
    .double(NONE);
  writer
    .byte(row.unique === null && row.orderKey === null ? 0 : BOUND)
    .signed(row.priority)
    .double(row.runAt);
  writer.double(orNone(row.expiresAt)).double(row.holdMs).double(now).double(0).double(0).double(waitsFor);
  writer.double(row.unique === null ? NONE : orNone(row.unique.until));
  const tail = writer.smallHole();
  const texts = writer.length;
  writer
    .text(row.queue)
    .text(row.unique?.key ?? '')
    .text(row.orderKey ?? '')
    .text('');
  writer.fillSmall(tail, TEXTS_AT + writer.length - texts);
  writer.fillSmall(size, writer.length - start);
}

/** What never changes: the functions read no more of it than the name. */
export function writeBody(writer: Writer, { name, limitKey, spec, body }: NewTask): void {
  const hole = writer.hole();
  writer.text(name).text(limitKey ?? '');
  writer.count(spec === null ? 0 : spec.length + 1);
  if (spec !== null) writer.raw(spec);
  if (body !== null) writer.byte(1).raw(body);
  writer.fill(hole);
}
