import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/machine/command.ts';
import type { EncodedMachine } from '../../src/machine/encode-machine.ts';
import type { Steps } from '../../src/machine/steps.ts';
import { TaskMachine } from '../../src/machine/task-machine.ts';
import { newTask } from '../engine/harness.ts';
import { learn, nothingTold, randomCommand } from './random-command.ts';
import { drawnFrom, scripts } from './script.ts';

const now = 1_800_000_000_000;
/** More than two chunks, so that there are pauses. */
const many = 9_000;

function filled(): TaskMachine {
  const machine = new TaskMachine();
  const rows = Array.from({ length: many }, (_, n) => {
    const more = n % 50 === 0 ? { unique: { key: `k${n}`, until: n % 100 === 0 ? null : now + 9 } } : {};
    return newTask(`t${n}`, now, { body: Uint8Array.of(n % 256), ...more });
  });
  const late = Array.from({ length: 20 }, (_, n) =>
    newTask(`c${n}`, now, { parents: [{ id: `t${n * 400 + 7}`, policy: 'run' }] }),
  );
  apply(machine, { verb: 'open', session: { id: 's', host: 'h', pid: 1, processStart: '1' }, now });
  apply(machine, { verb: 'insert', now, rows });
  apply(machine, { verb: 'insert', now, rows: late });
  apply(machine, { verb: 'putResults', results: [{ id: 't1', lease: 1, value: Uint8Array.of(7), expiresAt: now }] });
  apply(machine, updateOf(0, {}, Uint8Array.of(8)));
  return machine;
}

function apply(machine: TaskMachine, command: Command): void {
  expect(machine.apply(command, null)).toHaveProperty('answer');
}

function bytesOf({ parts }: EncodedMachine): Uint8Array {
  return Buffer.concat(parts);
}

/** Takes the steps, with something done between any two of them; returns the bytes and how many pauses there were. */
function between(steps: Steps<EncodedMachine>, act: (pause: number) => void): readonly [Uint8Array, pauses: number] {
  for (let pause = 0; ; pause += 1) {
    const { done, value } = steps.next();
    if (done === true) return [bytesOf(value), pause];
    act(pause);
  }
}

/** Each touches tasks in all chunks, those that were read and those that were not. */
const changes: readonly (readonly [what: string, command: (pause: number) => Command])[] = [
  ['new tasks', (pause) => ({ verb: 'insert', now, rows: [newTask(`late${pause}`, now)] })],
  [
    'claims',
    (pause) => ({
      verb: 'claim',
      request: { session: 's', lane: 1, request: pause + 1, queues: ['q'], limit: 2_000, start: 9, now },
    }),
  ],
  ['cancels', (pause) => updateOf(pause, { state: 'cancelled', finishedAt: now })],
  ['what few tasks have', (pause) => updateOf(pause, { reason: 'late', crashes: 3, error: Uint8Array.of(1) })],
  ['other places', (pause) => updateOf(pause, { priority: 5, runAt: now + 1 })],
  ['records', (pause) => updateOf(pause, {}, Uint8Array.of(9))],
  ['more records of the same', () => updateOf(0, {}, Uint8Array.of(9))],
  ['released children', () => released],
  ['settings', (pause) => ({ verb: 'configure', queue: `q${pause}`, settings: { paused: true } })],
  ['new sessions', (pause) => openOf(pause)],
  ['beats', () => ({ verb: 'beat', session: 's', now })],
  ['ended sessions', () => ({ verb: 'end', session: 's' })],
  ['results', (pause) => putOf(pause)],
  ['results that go', () => ({ verb: 'sweepResults', now: now + 1, limit: 9 })],
  [
    'schedules',
    (pause) => ({
      verb: 'putSchedule',
      ifRevision: null,
      row: { id: `w${pause}`, state: 'active', dueAt: now, body: Uint8Array.of(1) },
    }),
  ],
];

const released: Command = {
  verb: 'update',
  now,
  changes: Array.from({ length: 20 }, (_, n) => ({ id: `c${n}`, guard: { edge: `t${n * 400 + 7}` }, set: {} })),
};

function updateOf(pause: number, set: object, record?: Uint8Array): Command {
  const ids = Array.from({ length: 30 }, (_, n) => `t${n * 299 + pause}`);
  const kept = record === undefined ? {} : { record };
  return { verb: 'update', now, changes: ids.map((id) => ({ id, guard: { states: ['waiting'] }, set, ...kept })) };
}

function openOf(pause: number): Command {
  return { verb: 'open', session: { id: `s${pause}`, host: 'h', pid: 1, processStart: '1' }, now };
}

function putOf(pause: number): Command {
  const value = Uint8Array.of(pause);
  return { verb: 'putResults', results: [{ id: 't1', lease: 1, value, expiresAt: null }] };
}

describe('a snapshot in steps is of the moment it began', () => {
  test.each(changes)('whatever changes meanwhile: %s', (_, commandAt) => {
    const machine = filled();
    const before = machine.snapshot();
    const [bytes, pauses] = between(machine.freezing(), (pause) => apply(machine, commandAt(pause)));
    expect(pauses).toBeGreaterThan(2);
    expect(Buffer.compare(bytes, before)).toBe(0);
    expect(Buffer.compare(machine.snapshot(), before)).not.toBe(0);
  });

  test('when tasks go for good, and most of them', () => {
    const machine = filled();
    const ids = Array.from({ length: many }, (_, n) => `t${n}`);
    const end = ids.map((id) => ({ id, guard: { states: ['waiting'] }, set: { state: 'cancelled' } }) as const);
    apply(machine, { verb: 'update', now, changes: end });
    const before = machine.snapshot();
    const [bytes] = between(machine.freezing(), (pause) => {
      apply(machine, { verb: 'remove', ids: ids.filter((__, n) => n % 3 === pause % 3), rememberUntil: now + pause });
    });
    expect(Buffer.compare(bytes, before)).toBe(0);
    expect(machine.size.tasks).toBeLessThan(100);
  });

  test('when a claim passes over what has expired', () => {
    const machine = filled();
    apply(machine, { verb: 'insert', now, rows: [newTask('old', now, { priority: 9, expiresAt: now + 1 })] });
    const before = machine.snapshot();
    const late = { session: 's', lane: 1, queues: ['q'], limit: 1, start: 1, now: now + 5 };
    const [bytes] = between(machine.freezing(), (pause) => {
      apply(machine, { verb: 'claim', request: { ...late, request: pause + 1 } });
    });
    expect(Buffer.compare(bytes, before)).toBe(0);
  });

  test('as well when two are taken at once, and one of them is given up', () => {
    const machine = filled();
    const atFirst = machine.snapshot();
    const first = machine.freezing();
    first.next();
    apply(machine, updateOf(1, { reason: 'x' }));
    const abandoned = machine.freezing();
    abandoned.next();
    apply(machine, updateOf(2, { reason: 'y' }));
    abandoned.return({ parts: [], packs: new Set() });
    const atSecond = machine.snapshot();
    const later = machine.freezing();
    later.next();
    const [rest] = between(first, (pause) => apply(machine, updateOf(pause + 3, { crashes: 1 })));
    const [second] = between(later, (pause) => apply(machine, updateOf(pause + 9, { reason: 'z' })));
    expect(Buffer.compare(second, atSecond)).toBe(0);
    expect(Buffer.compare(rest, atFirst)).toBe(0);
  });

  test('whatever is asked between its steps', () => {
    const property = fc.property(scripts(60), fc.nat(20), fc.integer({ min: 1, max: 4 }), (script, start, rows) => {
      const told = nothingTold();
      const machine = new TaskMachine();
      const follow = (step: number): void => {
        const command = randomCommand(drawnFrom(step), told);
        learn(command, machine.apply(command, null), told);
      };
      for (const step of script.slice(0, start)) follow(step);
      const atOnce = between(machine.freezing(rows), () => {})[0];
      const rest = script.slice(start);
      const [inSteps] = between(machine.freezing(rows), () => {
        for (const step of rest.splice(0, 2)) follow(step);
      });
      expect(Buffer.compare(inSteps, atOnce)).toBe(0);
      // Read by whoever makes chunks of another size.
      expect(TaskMachine.restore(inSteps).hash()).toBe(TaskMachine.restore(atOnce).hash());
    });
    fc.assert(property, { numRuns: 150 });
  });
});
