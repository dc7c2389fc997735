import { expect, test } from 'vitest';
import type { Command } from '../../src/machine/command.ts';
import { Piece } from '../../src/machine/piece.ts';
import { TaskMachine } from '../../src/machine/task-machine.ts';
import { newTask } from '../engine/harness.ts';

const now = 1_800_000_000_000;
const request = { session: 's', lane: 1, request: 1, queues: ['q'], limit: 1, start: 1, now };
const states = { states: ['waiting'] };

function prepared(): TaskMachine {
  const machine = new TaskMachine();
  machine.apply({ verb: 'open', session: { id: 's', host: 'h', pid: 1, processStart: '1' }, now }, null);
  machine.apply({ verb: 'insert', rows: [newTask('a', now), newTask('b', now)], now }, null);
  return machine;
}

const insert = (more: object): unknown => ({
  verb: 'insert',
  now,
  rows: [newTask('x', now), { ...newTask('y', now), ...more }],
});
/** The first of two changes is as it should be: it must not happen either. */
const update = (more: object): unknown => ({
  verb: 'update',
  now,
  changes: [
    { id: 'a', guard: states, set: { priority: 7 } },
    { id: 'b', guard: states, set: {}, ...more },
  ],
});
const configure = (settings: unknown): unknown => ({ verb: 'configure', queue: 'q', settings });

test.each<[string, unknown]>([
  ['no verb', {}],
  ['a verb of every object', { verb: 'constructor' }],
  ['a row that is missing', { verb: 'insert', now, rows: [newTask('x', now), undefined] }],
  ['a gap among the rows', { verb: 'insert', now, rows: Object.assign([newTask('x', now)], { length: 2 }) }],
  ['too many rows', { verb: 'insert', now, rows: Object.assign([], { length: 100_001 }) }],
  ['a time that is no number', { verb: 'insert', now: Number.NaN, rows: [newTask('x', now)] }],
  ['half of a surrogate pair', insert({ id: 'y\ud800' })],
  ['an endless name', insert({ name: 'n'.repeat(2_000) })],
  ['a priority beyond all', insert({ priority: 2 ** 40 })],
  ['half a priority', insert({ priority: 0.5 })],
  ['a body that is a text', insert({ body: 'text' })],
  ['a piece of nothing', insert({ body: new Piece(null as never, 0, 3) })],
  ['a piece beyond its source', insert({ body: new Piece(new Uint8Array(2), 1, 9) })],
  ['a piece that ends before it begins', insert({ spec: new Piece('pack', 3, 1) })],
  ['a piece of nowhere', insert({ spec: new Piece('pack', Number.NaN, 1) })],
  ['a policy that there is not', insert({ parents: [{ id: 'a', policy: 'hope' }] })],
  ['parents that are none', insert({ parents: 'a' })],
  ['a key that is a number', insert({ unique: { key: 5, until: null } })],
  ['an attempt too many', update({ set: { attempt: 2 ** 31 } })],
  ['a state that only a claim gives', update({ set: { state: 'running' } })],
  ['a text for a number', update({ set: { runAt: 'soon' } })],
  ['a set that is none', update({ set: null })],
  ['an error that is a text', update({ set: { error: 'text' } })],
  ['a guard that is none', update({ guard: 'lease' })],
  ['no id for a guard by states', update({ id: null })],
  ['states that there are not', update({ guard: { states: ['dead'] } })],
  ['a result that is a text', update({ result: 'text' })],
  ['a record that is a number', update({ record: 7 })],
  ['a successor without an id', update({ then: [{ ...newTask('z', now), id: undefined }] })],
  [
    'a successor with a priority beyond all',
    update({ then: [newTask('y', now), { ...newTask('z', now), priority: 5_000 }] }),
  ],
  [
    'a swap whose request is none',
    { verb: 'swap', changes: [{ id: 'a', guard: states, set: { priority: 7 } }], request: {} },
  ],
  [
    'a swap whose second change is none',
    { verb: 'swap', changes: [{ id: 'a', guard: states, set: { priority: 7 } }, {}], request },
  ],
  ['a claim of too many', { verb: 'claim', request: { ...request, limit: 1e9 } }],
  ['a claim of half a task', { verb: 'claim', request: { ...request, limit: 0.5 } }],
  ['a claim in half a lane', { verb: 'claim', request: { ...request, lane: 0.5 } }],
  ['a claim of queues that are numbers', { verb: 'claim', request: { ...request, queues: [1] } }],
  ['settings that are a text', configure('paused')],
  ['limits of keys that are a text', configure({ perKey: 'x' })],
  ['a rate without a period', configure({ rate: { limit: 1 } })],
  ['a session without a host', { verb: 'open', now, session: { id: 't', pid: 1, processStart: '1' } }],
  [
    'a second result that is a text',
    {
      verb: 'putResults',
      results: [
        { id: 'a', lease: 1, value: new Uint8Array(1), expiresAt: null },
        { id: 'a', lease: 2, value: 'x', expiresAt: null },
      ],
    },
  ],
  [
    'a schedule in a state that there is not',
    { verb: 'putSchedule', ifRevision: null, row: { id: 'w', state: 'on', dueAt: null, body: new Uint8Array(1) } },
  ],
  ['ids that are one text', { verb: 'remove', ids: 'ab', rememberUntil: 0 }],
  ['a time to remember that never ends', { verb: 'remove', ids: ['a'], rememberUntil: Number.POSITIVE_INFINITY }],
])('a command with %s is refused and changes nothing', (_, command) => {
  const machine = prepared();
  const before = machine.hash();
  expect(machine.apply(command as Command, null)).toMatchObject({ refused: { code: 'INVALID_INPUT' } });
  expect(machine.hash()).toBe(before);
});

test('of settings nothing is kept but what they are, whatever else the object has, and whatever becomes of it', () => {
  const machine = prepared();
  const rate = JSON.parse('{"limit":1,"periodMs":2,"__proto__":{"x":1}}') as { limit: number };
  const settings = { rate, perKey: { concurrency: 3, more: () => 1 }, more: 1 };
  machine.apply({ verb: 'configure', queue: '__proto__', settings: settings as never }, null);
  const kept = {
    queue: '__proto__',
    paused: false,
    concurrency: null,
    rate: { limit: 1, periodMs: 2 },
    perKey: { concurrency: 3, rate: null },
  };
  rate.limit = 9;
  expect(machine.queues()).toStrictEqual([kept]);
  expect(TaskMachine.restore(machine.snapshot()).queues()).toStrictEqual([kept]);
});

test('names that every object has are names like others', () => {
  const machine = new TaskMachine();
  for (const id of ['__proto__', 'constructor', 'toString']) {
    const unique = { key: id, until: null };
    const row = { ...newTask(id, now), queue: id, name: id, unique };
    expect(machine.apply({ verb: 'insert', rows: [row], now }, null)).toMatchObject({
      answer: [{ status: 'inserted' }],
    });
    const second = { ...row, id: `${id}2` };
    expect(machine.apply({ verb: 'insert', rows: [second], now }, null)).toEqual({
      answer: [{ status: 'taken', holder: id }],
    });
    machine.apply({ verb: 'open', session: { id, host: id, pid: 1, processStart: id }, now }, null);
    const asked = { session: id, lane: 1, request: 1, queues: [id], limit: 9, start: 9, now };
    expect(machine.apply({ verb: 'claim', request: asked }, null)).toMatchObject({ answer: [{ id }] });
  }
  expect(TaskMachine.restore(machine.snapshot()).hash()).toBe(machine.hash());
});
