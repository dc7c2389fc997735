import { readColumn } from '../columns/column.ts';

/**
 * A column of which every value is what `is` says.
 * @throws TypeError where one is not, or where there are not so many
 */
export function checkedColumn<T>(
  column: unknown,
  rows: number,
  is: (value: unknown) => value is T,
): (row: number) => T {
  const read = readColumn(column, rows) as (row: number) => T;
  // One value for all rows needs one look.
  const distinct = (column as readonly unknown[])[0] === 0 ? Math.min(rows, 1) : rows;
  for (let row = 0; row < distinct; row += 1) if (!is(read(row))) throw new TypeError('a column of other values');
  return read;
}
