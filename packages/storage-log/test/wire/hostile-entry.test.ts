import { describe, expect, test } from 'vitest';
import { packr } from '../../src/columns/packr.ts';
import { packCommand, packEntry, pointerIn, unpackEntry, type EntryHeader } from '../../src/wire/entry.ts';
import type { Command } from '../../src/machine/command.ts';
import { newTask } from '../engine/harness.ts';

const header: EntryHeader = {
  writer: 'w',
  request: 1,
  at: 1,
  base: 0,
  digest: 0,
  knows: 1,
  activate: 0,
  mark: null,
};
const packing = { putAside: () => expect.fail('nothing is that long') as never, isHeld: () => false };
const refused: unknown = expect.objectContaining({ code: 'STORE_CORRUPT' });
const one = (value: unknown): unknown => [0, value];

/** New tasks of which every column has one value. */
function alike(count: number, parents: unknown = null): unknown[] {
  const texts = [one('a'), one('q'), one('n')];
  const numbers = [one(0), one(1), one(null), one(1), one(1)];
  return [count, ...texts, ...numbers, one(null), one(null), one(null), one(null), one(parents), [null], [null]];
}

/** Changes of which every column has one value. */
function run(count: number, fields: readonly string[] = [], thens: unknown = null): unknown[] {
  const columns = fields.map(() => one('x'));
  return [count, one('a'), 'lease', one(1), one(false), fields, columns, null, one(null), null, thens];
}

function entryOf(...commands: readonly unknown[]): Uint8Array {
  return packEntry(
    header,
    commands.map((command) => packr.pack(command)),
  );
}

describe('a small entry that stands for much is refused before room is made for it:', () => {
  test.each<[string, () => Uint8Array]>([
    ['a hundred thousand tasks that are all the same', () => entryOf(['insert', 1, alike(100_000)])],
    [
      'a thousand times a thousand of them',
      () => entryOf(...Array.from({ length: 1_000 }, () => ['insert', 1, alike(1_000)])),
    ],
    ['a hundred thousand changes that are all the same', () => entryOf(['update', 1, [run(100_000)]])],
    ['many runs of changes', () => entryOf(['update', 1, Array.from({ length: 100 }, () => run(1_000))])],
    ['tasks that come with a change', () => entryOf(['update', 1, [run(1, [], [alike(100_000)])]])],
    ['changes of a swap', () => entryOf(['swap', [run(100_000)], 's', 1, 1, ['q'], 1, 1, 1])],
    [
      'a field that is set a thousand times',
      () =>
        entryOf([
          'update',
          1,
          [
            run(
              1,
              Array.from({ length: 1_000 }, () => 'reason'),
            ),
          ],
        ]),
    ],
    ['an array of 268 million', () => Uint8Array.of(0xdd, 0x0f, 0xff, 0xff, 0xff)],
    ['a command of 268 million', () => packEntry(header, [Uint8Array.of(0xdd, 0x0f, 0xff, 0xff, 0xff)])],
    ['four billion bytes', () => Uint8Array.of(0xc6, 0xff, 0xff, 0xff, 0xff)],
  ])('%s', (_, bytes) => {
    const given = bytes();
    expect(given.length).toBeLessThan(100_000);
    expect(() => unpackEntry(given)).toThrow(refused as Error);
  });

  test('a pointer of four billion characters', () => {
    expect(pointerIn(Uint8Array.of(0x92, 0, 0xdb, 0xff, 0xff, 0xff, 0xff))).toBeNull();
  });
});

test('rows that wait for the same parents share one list of them', () => {
  const parents = Array.from({ length: 100 }, (_, n) => [`p${n}`, 'run']);
  const ids = Array.from({ length: 500 }, (_, n) => `c${n}`);
  const batch = alike(ids.length, parents);
  batch[1] = [1, ids];
  const [command] = unpackEntry(entryOf(['insert', 1, batch])).commands as [Command & { verb: 'insert' }];
  expect(command.rows).toHaveLength(500);
  expect(new Set(command.rows.map((row) => row.parents)).size).toBe(1);
  expect(command.rows[7]?.parents[99]).toEqual({ id: 'p99', policy: 'run' });
});

test.each<[string, Command]>([
  ['tasks of one id', { verb: 'insert', now: 1, rows: Array.from({ length: 10_000 }, () => newTask('a', 1)) }],
  [
    'changes under one lease',
    {
      verb: 'update',
      now: 1,
      changes: Array.from({ length: 10_000 }, () => ({ id: 'a', guard: { lease: 5 }, set: { attempt: 1 } })),
    },
  ],
  [
    'changes of one task',
    {
      verb: 'update',
      now: 1,
      changes: Array.from({ length: 10_000 }, () => ({ id: 'a', guard: { states: ['waiting'] }, set: {} })),
    },
  ],
])('whatever we write is read, though all is the same: %s', (_, command) => {
  const bytes = packEntry(header, [
    packCommand(command, packing),
    packCommand(command, { ...packing, isHeld: () => true }),
  ]);
  expect(unpackEntry(bytes).commands[0]).toEqual(command);
});
