import type { ParentEdge, ParentPolicy } from '@omniq/core/storage';
import type { HeldNewTask } from '../machine/command.ts';
import { isRowCount } from '../machine/value-checks.ts';
import { readBytesColumn, toBytesColumn, type PutAside } from '../columns/bytes-column.ts';
import { readColumn, toColumn, toListedColumn } from '../columns/column.ts';
import type { RowBudget } from '../columns/row-budget.ts';

const none: readonly ParentEdge[] = [];

/** New tasks, field by field. */
export function encodeTasks(rows: readonly HeldNewTask[], putAside: PutAside): readonly unknown[] {
  const column = (value: (row: HeldNewTask) => unknown): unknown => toColumn(rows.map(value));
  return [
    rows.length,
    toListedColumn(rows.map(({ id }) => id)),
    column(({ queue }) => queue),
    column(({ name }) => name),
    column(({ priority }) => priority),
    column(({ runAt }) => runAt),
    column(({ expiresAt }) => expiresAt),
    column(({ admitBy }) => admitBy),
    column(({ holdMs }) => holdMs),
    column(({ unique }) => unique?.key ?? null),
    column(({ unique }) => unique?.until ?? null),
    column(({ orderKey }) => orderKey),
    column(({ limitKey }) => limitKey),
    column(({ parents }) => (parents.length === 0 ? null : parents.map(({ id, policy }) => [id, policy]))),
    toBytesColumn(
      rows.map(({ body }) => body),
      putAside,
    ),
    toBytesColumn(
      rows.map(({ spec }) => spec),
      putAside,
    ),
  ];
}

/** @throws TypeError where the columns do not fit; what they hold is for the machine to judge */
export function decodeTasks(encoded: unknown, budget: RowBudget): HeldNewTask[] {
  const [count, ...columns] = encoded as readonly [number, ...unknown[]];
  // Columns of one value stand for any number of rows: it is capped before a row is made.
  if (!isRowCount(count) || columns.length < 15) throw new TypeError('not a batch of tasks');
  budget.take(count);
  const column = <T>(index: number): ((row: number) => T) => readColumn(columns[index], count) as (row: number) => T;
  const [id, queue, name, priority] = [column<string>(0), column<string>(1), column<string>(2), column<number>(3)];
  const [runAt, expiresAt, admitBy] = [column<number>(4), column<number | null>(5), column<number>(6)];
  const [holdMs, key, until] = [column<number>(7), column<string | null>(8), column<number | null>(9)];
  const [orderKey, limitKey] = [column<string | null>(10), column<string | null>(11)];
  const parents = readParents(columns[12], count);
  const [body, spec] = [readBytesColumn(columns[13], count), readBytesColumn(columns[14], count)];
  const rows: HeldNewTask[] = [];
  for (let row = 0; row < count; row += 1) {
    const uniqueKey = key(row);
    rows.push({
      id: id(row),
      queue: queue(row),
      name: name(row),
      priority: priority(row),
      runAt: runAt(row),
      expiresAt: expiresAt(row),
      admitBy: admitBy(row),
      holdMs: holdMs(row),
      unique: uniqueKey === null ? null : { key: uniqueKey, until: until(row) },
      orderKey: orderKey(row),
      limitKey: limitKey(row),
      parents: parents(row),
      body: body(),
      spec: spec(),
    });
  }
  return rows;
}

/** Where all rows wait for the same, they share one list. */
function readParents(column: unknown, rows: number): (row: number) => readonly ParentEdge[] {
  const read = readColumn(column, rows) as (row: number) => readonly (readonly [string, ParentPolicy])[] | null;
  let [given, edges] = [null as ReturnType<typeof read>, none];
  return (row) => {
    const next = read(row);
    if (next !== given) edges = next?.map(([id, policy]) => ({ id, policy })) ?? none;
    given = next;
    return edges;
  };
}
