/**
 * The values of one field over a batch of rows. What all rows share is written once, whole numbers that lie close
 * together as their distances from the least: batches are mostly alike, and what is not written is not read by every
 * replica.
 */
export type Column =
  | readonly [kind: 0, value: unknown]
  | readonly [kind: 1, values: readonly unknown[]]
  | readonly [kind: 2, base: number, deltas: readonly number[]];

const NEAR = 2 ** 32;

export function toColumn(values: readonly unknown[]): Column {
  const first = values[0];
  if (values.every((value) => value === first)) return [0, first];
  const base = leastOf(values);
  return base === null ? [1, values] : [2, base, (values as readonly number[]).map((value) => value - base)];
}

/** A column that takes a byte for each row at least, even where all are the same: of one field in every batch. */
export function toListedColumn(values: readonly unknown[]): Column {
  const column = toColumn(values);
  return column[0] === 0 && values.length > 1 ? [1, values] : column;
}

/** Reads a column: row by row, without making an array where one value stands for all. */
export function readColumn(column: unknown, rows: number): (row: number) => unknown {
  if (!Array.isArray(column)) throw new TypeError('not a column');
  const [kind, first, second] = column as readonly unknown[];
  if (kind === 0) return () => first;
  if (kind === 1) {
    const values = listOf(first, rows);
    return (row) => values[row];
  }
  const deltas = listOf(second, rows) as readonly number[];
  if (kind !== 2 || typeof first !== 'number') throw new TypeError('not a column');
  return (row) => first + (deltas[row] as number);
}

function listOf(value: unknown, rows: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== rows) throw new TypeError('a column of another length');
  return value;
}

/** The least of the values if all are whole numbers near each other, else `null`. */
function leastOf(values: readonly unknown[]): number | null {
  let [least, most] = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
  for (const value of values) {
    if (!Number.isSafeInteger(value)) return null;
    if ((value as number) < least) least = value as number;
    if ((value as number) > most) most = value as number;
  }
  return most - least < NEAR ? least : null;
}
