import { expect, test } from 'vitest';
import type { HeldClaim } from '../../src/machine/command.ts';
import { TaskMachine } from '../../src/machine/task-machine.ts';
import { newTask } from '../engine/harness.ts';

const now = 1_800_000_000_000;

function leaseOf(machine: TaskMachine, id: string, at: number): number {
  machine.apply({ verb: 'open', session: { id, host: 'h', pid: 1, processStart: '1' }, now: at }, null);
  machine.apply({ verb: 'insert', rows: [newTask(id, at)], now: at }, null);
  const request = { session: id, lane: 1, request: 1, queues: ['q'], limit: 1, start: 1, now: at };
  const outcome = machine.apply({ verb: 'claim', request }, null);
  return (outcome as { readonly answer: readonly HeldClaim[] }).answer[0]?.lease ?? 0;
}

test('a lease that was given out does not come again where a log lost its end', () => {
  const machine = new TaskMachine();
  leaseOf(machine, 'a', now);
  const backup = machine.snapshot();
  const lost = leaseOf(machine, 'b', now + 1);
  expect(leaseOf(TaskMachine.restore(backup), 'c', now + 2)).toBeGreaterThan(lost);
});

test('leases grow where the clock falls back, and where it is absurd', () => {
  const machine = new TaskMachine();
  const leases = [now, now - 5_000, 2 ** 52, now].map((at, index) => leaseOf(machine, `t${index}`, at));
  expect(leases).toEqual(leases.toSorted((a, b) => a - b));
  expect(new Set(leases).size).toBe(4);
  expect(leases.every(Number.isSafeInteger)).toBe(true);
});
