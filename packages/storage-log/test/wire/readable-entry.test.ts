import { expect, test } from 'vitest';
import { Piece } from '../../src/machine/piece.ts';
import { packCommand, packEntry, packPointer } from '../../src/wire/entry.ts';
import { readableEntry } from '../../src/wire/readable-entry.ts';

const header = {
  writer: 'w',
  request: 3,
  at: 1_800_000_000_000,
  base: 0,
  digest: 0,
  knows: 1,
  activate: 0,
  mark: null,
};
const aside = (bytes: Uint8Array): Piece => new Piece('pack/1', 0, bytes.length);

test('an entry reads as an object for each command, without what it carries', () => {
  const result = { id: 'a', lease: 1, expiresAt: null };
  const commands = [
    packCommand(
      { verb: 'putResults', results: [{ ...result, value: new Uint8Array(3) }] },
      { putAside: aside, isHeld: () => false },
    ),
    packCommand(
      { verb: 'putResults', results: [{ ...result, value: new Uint8Array(300) }] },
      { putAside: aside, isHeld: () => false },
    ),
    packCommand({ verb: 'beat', session: 's', now: 5 }, { putAside: aside, isHeld: () => false }),
  ];
  const head = { position: 9, at: '2027-01-15T08:00:00.000Z', writer: 'w', request: 3 };
  expect(readableEntry(9, packEntry(header, commands))).toEqual([
    { ...head, verb: 'putResults', results: [{ ...result, value: '3 bytes' }] },
    { ...head, verb: 'putResults', results: [{ ...result, value: '300 bytes in pack/1' }] },
    { ...head, verb: 'beat', session: 's', now: 5 },
  ]);
});

test('what else an entry tells has a line of its own', () => {
  const lines = readableEntry(9, packEntry({ ...header, mark: [7, 1_000, 60_000], activate: 2 }, []));
  expect(lines).toEqual([
    expect.objectContaining({ verb: 'snapshot', standsFor: 7, size: 1_000 }),
    expect.objectContaining({ verb: 'activate', version: 2 }),
  ]);
});

test('what cannot be read says so', () => {
  expect(readableEntry(9, Uint8Array.of(1, 2))).toEqual([{ position: 9, unreadable: 'STORE_CORRUPT' }]);
  expect(readableEntry(9, packPointer('entry/w-3'))).toEqual([{ position: 9, bytesIn: 'entry/w-3' }]);
});
