import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command, Outcome } from '../../src/machine/command.ts';
import { TaskMachine } from '../../src/machine/task-machine.ts';
import { plain } from './plain.ts';
import { learn, nothingTold, randomCommand } from './random-command.ts';
import { drawnFrom, scripts, type Script } from './script.ts';
import { spoiled } from './spoiled.ts';
import { Witness } from './witness.ts';

interface Step {
  readonly command: Command;
  readonly outcome: Outcome;
  readonly before: Uint8Array;
}

/** What a machine makes of a script, command by command. */
function stepsOf(script: Script, machine: TaskMachine): Step[] {
  const told = nothingTold();
  return script.map((step) => {
    const command = randomCommand(drawnFrom(step), told);
    const before = machine.snapshot();
    const outcome = machine.apply(command, null);
    learn(command, outcome, told);
    return { command, outcome, before };
  });
}

test('whatever is asked, claims are best first, leases grow, and all that is counted is so', () => {
  const property = fc.property(scripts(120), (script) => {
    const told = nothingTold();
    const witness = new Witness();
    for (const step of script) {
      const command = randomCommand(drawnFrom(step), told);
      learn(command, witness.apply(command, told.now), told);
    }
  });
  fc.assert(property, { numRuns: 150 });
});

test('a machine restored from a snapshot at any point goes on as the one that went through', () => {
  const property = fc.property(scripts(30), (script) => {
    const direct = new TaskMachine();
    const steps = stepsOf(script, direct);
    for (const [split, { before }] of steps.entries()) {
      const restored = TaskMachine.restore(before);
      for (const { command, outcome } of steps.slice(split))
        expect(plain(restored.apply(command, null))).toEqual(plain(outcome));
      expect(restored.hash()).toBe(direct.hash());
    }
  });
  fc.assert(property, { numRuns: 40 });
});

describe('what is no command', () => {
  test('is refused, changes nothing, and leaves a machine that can be saved', () => {
    const property = fc.property(scripts(30), (script) => {
      const told = nothingTold();
      const machine = new TaskMachine();
      for (const step of script) {
        const random = drawnFrom(step);
        const command = randomCommand(random, told);
        const isSpoiled = random() < 0.7;
        const given = isSpoiled ? spoiled(command, random) : command;
        const before = machine.hash();
        const outcome = machine.apply(given, null);
        if ('refused' in outcome) expect(machine.hash()).toBe(before);
        else if (!isSpoiled) learn(command, outcome, told);
        const restored = TaskMachine.restore(machine.snapshot());
        expect(restored.hash()).toBe(machine.hash());
        expect(restored.size).toEqual(machine.size);
      }
    });
    fc.assert(property, { numRuns: 150 });
  });

  test('may be anything', () => {
    const machine = new TaskMachine();
    stepsOf([1, 2, 3, 4, 5, 6, 7, 8], machine);
    const before = machine.hash();
    const verbs = ['insert', 'claim', 'update', 'swap', 'remove', 'open', 'beat', 'end', 'configure', 'putResults'];
    const anything = fc.anything({
      withNullPrototype: true,
      withBigInt: true,
      withTypedArray: true,
      withSparseArray: true,
    });
    const commands = fc.oneof(
      anything,
      fc.record({ verb: fc.constantFrom(...verbs, 'toString', '__proto__'), rows: anything, request: anything }),
      fc.record({ verb: fc.constantFrom(...verbs), changes: fc.array(anything), now: anything, ids: anything }),
    );
    fc.assert(
      fc.property(commands, fc.option(fc.double()), (command, time) => {
        const outcome = machine.apply(command as Command, time);
        if ('refused' in outcome) expect(machine.hash()).toBe(before);
        else expect(['update', 'end', 'beat', 'swap', 'insert', 'remove']).toContain((command as Command).verb);
      }),
      { numRuns: 1_000 },
    );
    expect(machine.hash()).toBe(before);
  });
});
