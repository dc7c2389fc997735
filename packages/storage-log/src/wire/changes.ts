import type { Guard, StoredState } from '@omniq/core/storage';
import type { HeldChange } from '../machine/command.ts';
import type { Bytes } from '../machine/piece.ts';
import { isRowCount } from '../machine/value-checks.ts';
import { readBytesColumn, toBytesColumn, type PutAside } from '../columns/bytes-column.ts';
import { readColumn, toColumn, toListedColumn } from '../columns/column.ts';
import type { RowBudget } from '../columns/row-budget.ts';
import type { Packing } from './packing.ts';
import { decodeTasks, encodeTasks } from './task-rows.ts';

/** More than a change can set. */
const MOST_FIELDS = 64;

type Set = Record<string, unknown>;

/** The fields of a change that are bytes. */
const bytesFields: ReadonlySet<string> = new Set(['error', 'progress']);

/**
 * Changes, in runs of those that have the same kind of guard and set the same fields: a batch of completions is one run,
 * and most of its columns are one value.
 */
export function encodeChanges(changes: readonly HeldChange[], { putAside, isHeld }: Packing): readonly unknown[] {
  return runsOf(changes).map((run) => encodeRun(run, putAside, isHeld));
}

export function decodeChanges(encoded: unknown, budget: RowBudget): HeldChange[] {
  if (!Array.isArray(encoded)) throw new TypeError('not a batch of changes');
  return encoded.flatMap((run) => decodeRun(run, budget));
}

function runsOf(changes: readonly HeldChange[]): HeldChange[][] {
  const runs: HeldChange[][] = [];
  let shape: string | null = null;
  for (const change of changes) {
    const own = shapeOf(change);
    if (own === shape) runs.at(-1)?.push(change);
    else runs.push([change]);
    shape = own;
  }
  return runs;
}

function shapeOf({ guard, set, result, record, then }: HeldChange): string {
  const has = `${result === undefined ? '' : 'r'}${record === undefined ? '' : 'h'}${then === undefined ? '' : 't'}`;
  return `${guardKind(guard)}|${has}|${Object.keys(set).join()}`;
}

function guardKind(guard: Guard): 'lease' | 'edge' | 'states' {
  return 'lease' in guard ? 'lease' : 'edge' in guard ? 'edge' : 'states';
}

function encodeRun(run: readonly HeldChange[], putAside: PutAside, isHeld: Packing['isHeld']): readonly unknown[] {
  const first = run[0] as HeldChange;
  const fields = Object.keys(first.set);
  const bytes = (value: (change: HeldChange) => Bytes | null | undefined): unknown =>
    toBytesColumn(
      run.map((change) => value(change) ?? null),
      putAside,
    );
  const kind = guardKind(first.guard);
  return [
    run.length,
    // A lease names its task as well as the id does, where it is known to be the task's.
    toColumn(run.map(({ id, guard }) => (id !== null && 'lease' in guard && isHeld(id, guard.lease) ? null : id))),
    kind,
    toListedColumn(run.map(({ guard }) => (guard as unknown as Set)[kind])),
    toColumn(run.map(({ guard }) => ('lease' in guard ? guard.uncancelled === true : false))),
    fields,
    fields.map((field) => {
      const value = ({ set }: HeldChange): unknown => (set as Set)[field];
      return bytesFields.has(field) ? bytes((change) => value(change) as Bytes | null) : toColumn(run.map(value));
    }),
    first.result === undefined ? null : bytes(({ result }) => result),
    toColumn(run.map(({ resultExpiresAt }) => resultExpiresAt ?? null)),
    first.record === undefined ? null : bytes(({ record }) => record),
    first.then === undefined ? null : run.map(({ then }) => encodeTasks(then ?? [], putAside)),
  ];
}

function decodeRun(encoded: unknown, budget: RowBudget): HeldChange[] {
  const [count, ids, kind, guards, uncancelled, fields, columns, results, expiries, records, thens] =
    encoded as readonly unknown[];
  if (!isRowCount(count) || !Array.isArray(fields) || !Array.isArray(columns)) throw new TypeError('not a run');
  if (fields.length > MOST_FIELDS) throw new TypeError('more fields than there are');
  const rows = count as number;
  budget.take(rows);
  const id = readColumn(ids, rows) as (row: number) => string | null;
  const guard = readGuards(kind, guards, uncancelled, rows);
  const setters = fields.map((field: unknown, index) => {
    if (typeof field !== 'string' || field === '__proto__') throw new TypeError('not a field');
    return {
      field,
      value: bytesFields.has(field) ? readBytesColumn(columns[index], rows) : readColumn(columns[index], rows),
    };
  });
  const result = results === null ? null : readBytesColumn(results, rows);
  const expiresAt = readColumn(expiries, rows) as (row: number) => number | null;
  const record = records === null ? null : readBytesColumn(records, rows);
  const changes: HeldChange[] = [];
  for (let row = 0; row < rows; row += 1) {
    const set: Set = {};
    for (const { field, value } of setters) set[field] = value(row);
    const change: { -readonly [K in keyof HeldChange]: HeldChange[K] } = { id: id(row), guard: guard(row), set };
    if (result !== null) {
      change.result = result() as Bytes;
      change.resultExpiresAt = expiresAt(row);
    }
    if (record !== null) change.record = record() as Bytes;
    if (thens !== null) change.then = decodeTasks((thens as readonly unknown[])[row], budget);
    changes.push(change);
  }
  return changes;
}

function readGuards(kind: unknown, guards: unknown, uncancelled: unknown, rows: number): (row: number) => Guard {
  const value = readColumn(guards, rows);
  const careful = readColumn(uncancelled, rows);
  if (kind === 'lease') {
    return (row) => {
      const lease = value(row) as number;
      return careful(row) === true ? { lease, uncancelled: true } : { lease };
    };
  }
  if (kind === 'edge') return (row) => ({ edge: value(row) as string });
  if (kind === 'states') return (row) => ({ states: value(row) as readonly StoredState[] });
  throw new TypeError('not a guard');
}
