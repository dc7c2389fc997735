import { describe, expect, test } from 'vitest';
import type { Command, HeldClaim, Outcome } from '../../src/machine/command.ts';
import { Piece } from '../../src/machine/piece.ts';
import { TaskMachine } from '../../src/machine/task-machine.ts';
import { packCommand, packEntry, unpackEntry } from '../../src/wire/entry.ts';
import { seeded } from '../log/seeded.ts';
import { faultIn } from './invariants.ts';
import { nothingTold, randomCommand, type Told } from './random-command.ts';

const seeds = Array.from({ length: 40 }, (_, seed) => seed);
const length = 400;

describe('the same commands lead to the same state', () => {
  test.each(seeds)('through the log, and from snapshots at any point (seed %i)', (seed) => {
    const random = seeded(seed);
    const told = nothingTold();
    const direct = new TaskMachine();
    let replayed = new TaskMachine();
    let stranger = new TaskMachine();
    for (let step = 0; step < length; step += 1) {
      const command = randomCommand(random, told);
      const outcome = direct.apply(command, null);
      learn(command, outcome, told);
      if (random() < 0.05) replayed = TaskMachine.restore(replayed.snapshot());
      expect(plain(replayed.apply(throughTheLog(command, replayed), null))).toEqual(plain(outcome));
      // To a replica of somebody else's the outcome is nothing, the change the same.
      stranger.apply(throughTheLog(command, stranger), null, false);
      if (random() < 0.02) stranger = TaskMachine.restore(stranger.snapshot());
      expect(faultIn(direct)).toBeNull();
    }
    expect(replayed.hash()).toBe(direct.hash());
    expect(stranger.hash()).toBe(direct.hash());
    expect(TaskMachine.restore(direct.snapshot()).hash()).toBe(direct.hash());
  });
});

describe('a command that is refused', () => {
  test.each(seeds.slice(0, 12))('leaves the state as it was, and none throws (seed %i)', (seed) => {
    const random = seeded(seed + 1_000);
    const told = nothingTold();
    const machine = new TaskMachine();
    let refusals = 0;
    for (let step = 0; step < length; step += 1) {
      const command = randomCommand(random, told);
      const given = random() < 0.4 ? spoiled(command, random) : command;
      const before = machine.hash();
      const outcome = machine.apply(given, null);
      if ('refused' in outcome) {
        refusals += 1;
        expect(machine.hash()).toBe(before);
      } else learn(given, outcome, told);
      expect(faultIn(machine)).toBeNull();
    }
    expect(refusals).toBeGreaterThan(20);
  });

  test('is one whose time is more than a second ahead of the log', () => {
    const machine = new TaskMachine();
    const open = { verb: 'open', session: { id: 's', host: 'h', pid: 1, processStart: '1' }, now: 5_000 } as const;
    expect(machine.apply(open, 3_900)).toMatchObject({ refused: { code: 'CLOCK_SKEW' } });
    expect(machine.apply(open, 4_000)).toEqual({ answer: undefined });
  });
});

describe('a snapshot', () => {
  test.each([[0], [1], [-1], [-5]])('with a wrong byte at %i is refused', (at) => {
    const machine = new TaskMachine();
    machine.apply({ verb: 'configure', queue: 'q', settings: { paused: true } }, null);
    const bytes = Uint8Array.from(machine.snapshot());
    const index = at < 0 ? bytes.length + at : at;
    bytes[index] = (bytes[index] ?? 0) ^ 1;
    expect(() => TaskMachine.restore(bytes)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }) as Error);
    expect(() => TaskMachine.restore(bytes.subarray(0, 3))).toThrow(
      expect.objectContaining({ code: 'STORE_CORRUPT' }) as Error,
    );
  });
});

function learn(command: Command, outcome: Outcome, told: Told): void {
  if ('refused' in outcome || (command.verb !== 'claim' && command.verb !== 'swap')) return;
  const { answer } = outcome as { readonly answer: readonly HeldClaim[] | { readonly claimed: readonly HeldClaim[] } };
  told.leases.push(...('claimed' in answer ? answer.claimed : answer));
}

/** As a writer puts it that knows this machine. */
function throughTheLog(command: Command, machine: TaskMachine): Command {
  const header = { writer: 'w', request: 1, at: 1, base: 0, digest: 0, knows: 1, activate: 0, mark: null };
  const putAside = (bytes: Uint8Array): Piece => new Piece(bytes, 0, bytes.length);
  const isHeld = (id: string, lease: number): boolean => machine.isHeld(id, lease);
  const packed = packCommand(command, { putAside, isHeld });
  return unpackEntry(packEntry(header, [packed])).commands[0] as Command;
}

/** With one of its values, somewhere, replaced by something else. */
function spoiled(command: Command, random: () => number): Command {
  const wrong: readonly unknown[] = [
    undefined,
    null,
    'x',
    Number.NaN,
    -1,
    {},
    [],
    [null],
    new Uint8Array(2),
    'x'.repeat(5_000),
  ];
  const spoil = (value: unknown): unknown => {
    const isLeaf = typeof value !== 'object' || value === null || value instanceof Uint8Array;
    if (isLeaf || random() < 0.15) return wrong[Math.floor(random() * wrong.length)];
    const keys = Object.keys(value);
    const key = keys[Math.floor(random() * keys.length)];
    if (key === undefined) return null;
    if (Array.isArray(value))
      return value.map((each, index) => (String(index) === key ? spoil(each) : (each as unknown)));
    return { ...value, [key]: spoil((value as Record<string, unknown>)[key]) };
  };
  return spoil(command) as Command;
}

function plain(value: unknown): unknown {
  if (value instanceof Piece) return [...(value.source as Uint8Array).subarray(value.from, value.to)];
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}
