import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/machine/command.ts';
import { Piece } from '../../src/machine/piece.ts';
import { packr } from '../../src/columns/packr.ts';
import { packCommand, packEntry, packPointer, pointerIn, unpackEntry, type EntryHeader } from '../../src/wire/entry.ts';

const header: EntryHeader = {
  writer: 'w',
  request: 3,
  at: 1_700_000_000_000,
  base: 2,
  digest: 4_000_000_000,
  knows: 1,
  activate: 0,
  mark: null,
};
const aside: Uint8Array[] = [];

function through(command: Command): unknown {
  const bytes = packEntry(header, [packCommand(command, { putAside: putAside, isHeld: () => false })]);
  return whole(unpackEntry(bytes).commands[0]);
}

function putAside(bytes: Uint8Array): Piece {
  aside.push(bytes);
  return new Piece(String(aside.length - 1), 0, bytes.length);
}

/** With the bytes themselves in place of the pieces. */
function whole(value: unknown): unknown {
  if (value instanceof Piece) {
    const source = typeof value.source === 'string' ? (aside[Number(value.source)] as Uint8Array) : value.source;
    return new Uint8Array(source.subarray(value.from, value.to));
  }
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(whole);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, whole(each)]));
}

const task = {
  queue: 'q',
  name: 'n',
  priority: 0,
  runAt: 1_700_000_000_000,
  expiresAt: null,
  admitBy: 1_700_000_900_000,
  holdMs: 3_600_000,
  unique: null,
  orderKey: null,
  limitKey: null,
  parents: [],
  body: null,
  spec: null,
} as const;
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index % 251);

describe('commands come through an entry as they are', () => {
  const commands: readonly Command[] = [
    { verb: 'insert', now: 5, rows: [] },
    { verb: 'insert', now: 5, rows: [{ ...task, id: 'a', body: bytes(3), spec: bytes(0) }] },
    {
      verb: 'insert',
      now: 1_700_000_000_000.5,
      rows: [
        { ...task, id: 'a', body: bytes(10), spec: bytes(4), unique: { key: 'k', until: null } },
        { ...task, id: 'b', priority: -3, runAt: 9e15, expiresAt: 7, body: null, spec: bytes(4), orderKey: 'o' },
        {
          ...task,
          id: '__proto__',
          queue: 'é',
          body: bytes(5_000),
          spec: null,
          unique: { key: 'l', until: 8 },
          limitKey: 'm',
          parents: [{ id: 'a', policy: 'run' }],
        },
      ],
    },
    { verb: 'claim', request: { session: 's', lane: 1, request: 2, queues: ['q', 'r'], limit: 5, start: 1, now: 9 } },
    {
      verb: 'update',
      now: 3,
      changes: [
        {
          id: 'a',
          guard: { lease: 1_700_000_000_000_001 },
          set: { state: 'completed', finishedAt: 3 },
          result: bytes(2),
          resultExpiresAt: null,
        },
        {
          id: 'b',
          guard: { lease: 1_700_000_000_000_007 },
          set: { state: 'completed', finishedAt: 4 },
          result: bytes(900),
          resultExpiresAt: 12,
        },
        { id: 'c', guard: { lease: 4, uncancelled: true }, set: { state: 'waiting', error: bytes(3), progress: null } },
        { id: 'd', guard: { states: ['failed', 'waiting'] }, set: { cancelRequested: true }, record: bytes(2) },
        { id: 'e', guard: { edge: 'd' }, set: {}, then: [{ ...task, id: 'f', body: bytes(1) }] },
      ],
    },
    {
      verb: 'swap',
      changes: [{ id: 'a', guard: { lease: 1 }, set: { error: bytes(3) } }],
      request: { session: 's', lane: 1, request: 2, queues: ['q'], limit: 5, start: 1, now: 9 },
    },
    { verb: 'remove', ids: ['a', 'b'], rememberUntil: 3 },
    { verb: 'open', session: { id: 's', host: 'h', pid: 1, processStart: '2' }, now: 1 },
    { verb: 'beat', session: 's', now: 1 },
    { verb: 'end', session: 's', beats: 4 },
    { verb: 'end', session: 's' },
    { verb: 'configure', queue: 'q', settings: { paused: true, rate: { limit: 1, periodMs: 2 } } },
    { verb: 'putResults', results: [{ id: 'a', lease: 1, value: bytes(3), expiresAt: null }] },
    { verb: 'removeResults', keys: [{ id: 'a' }, { id: 'b', below: 3 }] },
    { verb: 'sweepResults', now: 4, limit: 9 },
    { verb: 'putSchedule', ifRevision: null, row: { id: 's', state: 'paused', dueAt: null, body: bytes(700) } },
    { verb: 'removeSchedule', id: 's' },
  ];

  test.each(commands.map((command) => [command.verb, command] as const))('%s', (_verb, command) => {
    expect(through(command)).toEqual(whole(command));
  });
});

test('what an entry says of itself comes through', () => {
  const said = { ...header, activate: 2, mark: [7, 1_000, 300_000] as const };
  expect(unpackEntry(packEntry(said, []))).toEqual({ ...said, commands: [] });
});

test('a batch of tasks that are alike takes little more than their ids and bodies', () => {
  const rows = Array.from({ length: 500 }, (_, index) => ({
    ...task,
    id: String(index).padStart(26, '0'),
    body: bytes(100),
    spec: bytes(60),
  }));
  expect(
    packCommand({ verb: 'insert', now: 1, rows }, { putAside: putAside, isHeld: () => false }).length,
  ).toBeLessThan(500 * 30 + 500);
});

test('a batch of completions takes little more than their ids', () => {
  const changes = Array.from(
    { length: 500 },
    (_, index) =>
      ({
        id: String(index).padStart(26, '0'),
        guard: { lease: 1_700_000_000_000_000 + index },
        set: { state: 'completed', attempt: 1, finishedAt: 1_700_000_000_000 },
      }) as const,
  );
  expect(
    packCommand({ verb: 'update', now: 1, changes }, { putAside: putAside, isHeld: () => false }).length,
  ).toBeLessThan(500 * 32 + 500);
});

describe('bytes that are no entry', () => {
  const entry = packEntry(header, [
    packCommand({ verb: 'remove', ids: ['a'], rememberUntil: 3 }, { putAside: putAside, isHeld: () => false }),
  ]);

  test.each([
    ['nothing', new Uint8Array()],
    ['noise', bytes(300)],
    ['a number', Uint8Array.of(1)],
    ['a torn entry', entry.subarray(0, 20)],
    ['a mark that is none', packEntry({ ...header, mark: ['x'] as never }, [])],
    ['a command that is none', packEntry(header, [Uint8Array.of(1)])],
  ])('%s is refused', (_what, given) => {
    expect(() => unpackEntry(given)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }) as Error);
  });

  test.each([
    ['tasks', ['insert', 1, [3_000_000, ...Array.from({ length: 13 }, () => [0, 'x']), [null], [null]]]],
    [
      'changes',
      ['update', 1, [[3_000_000, [0, 'x'], 'lease', [0, 1], [0, false], [], [], null, [0, null], null, null]]],
    ],
  ])('a few bytes that stand for millions of %s are refused', (_what, command) => {
    const forged = packEntry(header, [packr.pack(command)]);
    expect(() => unpackEntry(forged)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }) as Error);
  });

  test('an entry of a newer layout asks for an upgrade', () => {
    expect(() => unpackEntry(Uint8Array.of(0x91, 2))).toThrow(
      expect.objectContaining({ code: 'STORE_VERSION' }) as Error,
    );
  });

  test('a pointer is told from an entry', () => {
    expect(pointerIn(packPointer('entry/x'))).toBe('entry/x');
    expect(pointerIn(entry)).toBeNull();
    expect(pointerIn(new Uint8Array())).toBeNull();
  });
});
