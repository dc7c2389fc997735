import { expect, test } from 'vitest';
import { Piece } from '../../src/machine/piece.ts';
import { TaskMachine } from '../../src/machine/task-machine.ts';
import { newTask } from '../engine/harness.ts';

const now = 1_800_000_000_000;

function specsOf(machine: TaskMachine): readonly unknown[] {
  return machine.list({ limit: 100 }).items.map(({ spec }) => spec);
}

test('tasks of one name whose specs are equal share it, over all batches and after a restore, and no others do', () => {
  const machine = new TaskMachine();
  for (const batch of [0, 1, 2]) {
    const rows = ['a', 'b', 'a', 'b'].map((name, n) => ({
      ...newTask(`${batch}.${n}`, now),
      name,
      spec: new Piece(Uint8Array.of(9, name === 'a' ? 1 : 2, 9), 1, 2),
    }));
    machine.apply({ verb: 'insert', rows, now }, null);
  }
  machine.apply({ verb: 'insert', rows: [{ ...newTask('x', now), name: 'a', spec: Uint8Array.of(7) }], now }, null);
  expect(new Set(specsOf(machine)).size).toBe(3);
  const restored = TaskMachine.restore(machine.snapshot());
  expect(new Set(specsOf(restored)).size).toBe(3);
  expect(restored.hash()).toBe(machine.hash());
  const bytes = specsOf(restored).map((spec) => {
    const { source, from, to } = spec as { source: Uint8Array; from: number; to: number };
    return [...source.subarray(from, to)];
  });
  expect(bytes).toEqual([...[0, 1, 2].flatMap(() => [[1], [2], [1], [2]]), [7]]);
});
