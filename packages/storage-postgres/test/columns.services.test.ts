import { expect, test } from 'vitest';
import { Column, type ColumnType } from '../src/column.ts';
import { serverForTests } from './server.ts';

const { admin } = await serverForTests();

const cases: [ColumnType, unknown[]][] = [
  ['text', ['plain', null, '', 'wörld "quoted" {a,b} \\ 🙂']],
  ['"char"', ['w', null]],
  ['bool', [true, false, null]],
  ['int2', [-1000, 0, 1000, null]],
  ['int4', [-(2 ** 31), 0, 2 ** 31 - 1, null]],
  ['int8', [-(2 ** 53) + 1, -1, 0, 1, 2 ** 32, 2 ** 53 - 1, null]],
  ['bytea', [Uint8Array.of(0, 1, 255), Buffer.alloc(0), null, Buffer.alloc(70_000, 7)]],
];

test.each(cases)('a column of %s arrives as it was sent', async (type, values) => {
  const text = `select value from unnest($1::${type}[]) with ordinality c (value, nth) order by nth`;
  const { rows } = await admin.query(text, [Column.of(type, values).encode()]);
  const received = rows.map(({ value }) => (type === 'int8' && value !== null ? Number(value) : value));
  const sent = values.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value));
  expect(received).toEqual(sent);
});

test('a column of nulls is sent empty, and one of equals as its first', async () => {
  const text = 'select cardinality($1::int8[]) as count';
  const count = async (column: Column): Promise<number> => (await admin.query(text, [column.encode()])).rows[0].count;
  expect(await count(Column.of('int8', [null, null]))).toBe(0);
  expect(await count(Column.alike('int8', [5, 5, 5]))).toBe(1);
  expect(await count(Column.alike('int8', [5, 5, 6]))).toBe(3);
  expect(await count(Column.of('int8', [5, 5]))).toBe(2);
});
