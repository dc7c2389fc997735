import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/machine/command.ts';
import { Piece } from '../../src/machine/piece.ts';
import { TaskMachine } from '../../src/machine/task-machine.ts';
import { packCommand, packEntry, unpackEntry } from '../../src/wire/entry.ts';
import { seeded } from '../log/seeded.ts';
import { faultIn } from './invariants.ts';
import { plain } from './plain.ts';
import { learn, nothingTold, randomCommand } from './random-command.ts';
import { spoiled } from './spoiled.ts';

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

/** As a writer puts it that knows this machine. */
function throughTheLog(command: Command, machine: TaskMachine): Command {
  const header = { writer: 'w', request: 1, at: 1, base: 0, digest: 0, knows: 1, activate: 0, mark: null };
  const putAside = (bytes: Uint8Array): Piece => new Piece(bytes, 0, bytes.length);
  const isHeld = (id: string, lease: number): boolean => machine.isHeld(id, lease);
  const packed = packCommand(command, { putAside, isHeld });
  return unpackEntry(packEntry(header, [packed])).commands[0] as Command;
}
