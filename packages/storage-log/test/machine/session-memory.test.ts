import { expect, test } from 'vitest';
import type { Outcome } from '../../src/machine/command.ts';
import { TaskMachine } from '../../src/machine/task-machine.ts';
import { newTask } from '../engine/harness.ts';

const now = 1_800_000_000_000;

function open(machine: TaskMachine, id: string): Outcome {
  return machine.apply({ verb: 'open', session: { id, host: 'h', pid: 1, processStart: '1' }, now }, null);
}

const ended = { refused: { code: 'SESSION_ENDED' } };

test('the last ten thousand sessions that are over are known, before and after a restore, and none before them', () => {
  let machine = new TaskMachine();
  for (let n = 0; n < 10_050; n += 1) {
    open(machine, `s${n}`);
    expect(machine.apply({ verb: 'end', session: `s${n}` }, null)).toEqual({ answer: true });
    if (n === 10_010) machine = TaskMachine.restore(machine.snapshot());
  }
  expect(machine.sessions()).toEqual([]);
  expect(open(machine, 's50')).toMatchObject(ended);
  expect(open(machine, 's10049')).toMatchObject(ended);
  expect(open(machine, 's49')).toEqual({ answer: undefined });
});

test('a session that ended and still holds tasks is none of them', () => {
  const machine = new TaskMachine();
  open(machine, 'holder');
  machine.apply({ verb: 'insert', rows: [newTask('a', now)], now }, null);
  const request = { session: 'holder', lane: 1, request: 1, queues: ['q'], limit: 1, start: 1, now };
  const { answer } = machine.apply({ verb: 'claim', request }, null) as {
    answer: readonly { readonly lease: number }[];
  };
  machine.apply({ verb: 'end', session: 'holder' }, null);
  for (let n = 0; n < 10_001; n += 1) {
    open(machine, `s${n}`);
    machine.apply({ verb: 'end', session: `s${n}` }, null);
  }
  expect(machine.sessions()).toMatchObject([{ id: 'holder', ended: true, leases: 1 }]);
  expect(open(machine, 'holder')).toMatchObject(ended);
  const settle = { id: 'a', guard: { lease: answer[0]?.lease ?? 0 }, set: { state: 'completed' as const } };
  machine.apply({ verb: 'update', changes: [settle], now }, null);
  expect(machine.sessions()).toEqual([]);
  expect(open(machine, 'holder')).toMatchObject(ended);
  // It came last, so the two oldest are forgotten.
  expect(open(machine, 's2')).toMatchObject(ended);
  expect(open(machine, 's1')).toEqual({ answer: undefined });
});
