import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packr } from '../../src/columns/packr.ts';
import type { Command } from '../../src/machine/command.ts';
import { TaskMachine } from '../../src/machine/task-machine.ts';
import { newTask } from '../engine/harness.ts';
import { faultIn } from './invariants.ts';

const now = 1_800_000_000_000;
const request = { session: 's', lane: 1, request: 1, queues: ['q'], limit: 1, start: 1, now };
const row = (id: string): ReturnType<typeof newTask> => newTask(id, now);
const commands: readonly Command[] = [
  { verb: 'insert', now, rows: [row('a'), { ...row('b'), unique: { key: 'k', until: null } }, row('d')] },
  { verb: 'insert', now, rows: [{ ...row('c'), parents: [{ id: 'a', policy: 'run' }], expiresAt: now + 9 }] },
  { verb: 'open', session: { id: 's', host: 'h', pid: 1, processStart: '1' }, now },
  { verb: 'claim', request },
  { verb: 'configure', queue: 'q', settings: { rate: { limit: 1, periodMs: 5 } } },
  { verb: 'putResults', results: [{ id: 'a', lease: 1, value: Uint8Array.of(7), expiresAt: now }] },
  {
    verb: 'putSchedule',
    ifRevision: null,
    row: { id: 'w', state: 'active', dueAt: now, body: Uint8Array.of(1, 2) },
  },
];

function machine(): TaskMachine {
  const made = new TaskMachine();
  for (const command of commands) expect(made.apply(command, null)).toHaveProperty('answer');
  return made;
}

function sealed(body: Uint8Array): Uint8Array {
  const end = Buffer.alloc(4);
  end.writeUInt32BE(crc32(body));
  return Buffer.concat([body, end]);
}

type Fields = unknown[];

/** A snapshot with a right checksum, of which somebody changed the fields. */
function forged(change: (fields: Fields[]) => void): Uint8Array {
  const fields = packr.unpack(machine().snapshot().subarray(0, -4)) as Fields[];
  change(fields);
  return sealed(packr.pack(fields));
}

/** The same for the only chunk of a table. */
function forgedChunk(path: readonly number[], change: (rows: Fields) => void): Uint8Array {
  return forged((fields) => {
    let place: Fields = fields;
    for (const index of path) place = place[index] as Fields;
    const rows = packr.unpack(place[0] as Uint8Array) as Fields;
    change(rows);
    place[0] = packr.pack(rows);
  });
}

function forgedTasks(change: (columns: Fields) => void): Uint8Array {
  return forgedChunk([2], change);
}

/** Puts a value at a place among the fields. */
function put(value: unknown, ...path: readonly number[]): Uint8Array {
  return forged((fields) => {
    let place: Fields = fields;
    for (const index of path.slice(0, -1)) place = place[index] as Fields;
    place[path.at(-1) as number] = value;
  });
}

const refused: unknown = expect.objectContaining({ code: 'STORE_CORRUPT' });
const column = (index: number, value: unknown): Uint8Array =>
  forgedTasks((columns) => {
    columns[index] = value;
  });

/** Puts other rows, or columns, into the only chunk of a table. */
function rows(given: Fields, ...path: readonly number[]): Uint8Array {
  return forgedChunk(path, (chunk) => void chunk.splice(0, chunk.length, ...given));
}

describe('a snapshot with a right checksum', () => {
  test('that nobody changed is taken', () => {
    expect(TaskMachine.restore(forged(() => {})).hash()).toBe(machine().hash());
  });

  test.each<[string, () => Uint8Array]>([
    ['counts more tasks than it has', () => column(0, 5)],
    ['says that one task is ten million', () => column(0, 10_000_000)],
    ['has an id that is no text', () => column(1, [1, ['a', 'b', 3, 'c']])],
    ['has an id twice', () => column(1, [1, ['a', 'a', 'd', 'c']])],
    ['has half of a surrogate pair', () => column(2, [0, 7])],
    ['has tasks out of order', () => column(4, [1, [4, 3, 2, 1]])],
    ['has a priority that none has', () => column(7, [0, 5_000])],
    ['has an instant that is a text', () => column(8, [0, 'x'])],
    ['has a state that there is not', () => column(9, [0, 'dead'])],
    [
      'has two tasks under one lease',
      () =>
        forgedTasks((columns) => {
          [columns[9], columns[11], columns[12]] = [
            [0, 'running'],
            [0, 5],
            [0, 's'],
          ];
        }),
    ],
    ['has a lease of a session that is not there', () => column(12, [0, 'nobody'])],
    ['has a task that runs for ever', () => column(15, [0, null])],
    ['has a body that is a number', () => column(17, [7])],
    ['lost what few tasks have', () => column(19, [])],
    ['has a seq that comes again', () => put(1, 1, 0)],
    ['has a lease that comes again', () => put(0, 1, 1)],
    ['has counters that are texts', () => put(['x', null, {}, []], 1)],
    ['lost its tasks', () => put([], 2)],
    ['lost an edge', () => put([], 3)],
    ['has an edge of a policy that there is not', () => rows([[1, 'c', 'a', 'evil']], 3)],
    ['has an edge from nowhere', () => rows([[1, 'c', 'zz', 'run']], 3)],
    ['has rows that are none', () => rows([5], 3)],
    ['has a chunk that is none', () => put([5], 3)],
    ['lost a key', () => put([], 4, 1)],
    ['has a key of somebody who has it not', () => rows([['k', 'a', null]], 4, 1)],
    ['has a number that is none', () => put(Number.NaN, 4, 0)],
    ['remembers a number', () => put([packr.pack([[5, now]])], 5, 1)],
    ['has a session without beats', () => put('x', 6, 0, 6)],
    ['has a claim of a billion', () => put([[1, 5, 1, 1_000_000_000]], 6, 0, 8)],
    ['has a session that is over and open', () => put(['s'], 7)],
    ['has settings that are none', () => put([['q', { perKey: 'x' }]], 8)],
    ['says that one result is ten million', () => rows([1e7, [0, 'a'], [0, 1], [0, null], [Uint8Array.of(1)]], 9)],
    [
      'has more results in a chunk than it may',
      () => rows([5_000, [0, 'a'], [0, 1], [0, null], [Uint8Array.of(1)]], 9),
    ],
    ['has a result of nothing', () => rows([1, [0, 'a'], [0, 1], [0, null], [null]], 9)],
    ['has a schedule of numbers', () => rows([[1, 2, 3, 4, [null]]], 10)],
    ['has a date', () => put([new Date(now)], 7)],
    ['has a set', () => put(new Set([1]), 7)],
  ])('that %s is refused', (_, bytes) => {
    expect(() => TaskMachine.restore(bytes())).toThrow(refused as Error);
  });

  test('that announces more than it has is refused before room is made for it', () => {
    // Arrays of four billion, one in the other.
    const bomb = Uint8Array.from({ length: 50 }, (_, at) => (at % 5 === 0 ? 0xdd : 0xff));
    expect(() => TaskMachine.restore(sealed(bomb))).toThrow(refused as Error);
    expect(() => TaskMachine.restore(sealed(new Uint8Array(100_000).fill(0x91)))).toThrow(refused as Error);
  });

  test('of a newer format asks for an upgrade', () => {
    expect(() => TaskMachine.restore(put(9, 0))).toThrow(expect.objectContaining({ code: 'STORE_VERSION' }) as Error);
  });

  test('is refused or makes a machine that works, whatever bytes were changed', () => {
    const body = machine().snapshot().subarray(0, -4);
    const edits = fc.array(fc.tuple(fc.nat(body.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const property = fc.property(edits, (changes) => {
      const bytes = Uint8Array.from(body);
      for (const [at, value] of changes) bytes[at] = value;
      let restored: TaskMachine;
      try {
        restored = TaskMachine.restore(sealed(bytes));
      } catch (error) {
        expect(['STORE_CORRUPT', 'STORE_VERSION']).toContain((error as { readonly code: string }).code);
        return;
      }
      expect(faultIn(restored)).toBeNull();
      restored.apply({ verb: 'claim', request: { ...request, request: 2, limit: 9 } }, null);
      expect(faultIn(restored)).toBeNull();
      expect(TaskMachine.restore(restored.snapshot()).hash()).toBe(restored.hash());
    });
    fc.assert(property, { numRuns: 3_000 });
  });
});
