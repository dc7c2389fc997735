import type { StoredState, TaskQuery } from '@omniq/core/storage';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HeldRow } from '../../src/machine/command.ts';
import { TaskMachine } from '../../src/machine/task-machine.ts';
import { learn, nothingTold, randomCommand } from './random-command.ts';
import { drawnFrom, scripts } from './script.ts';

const state = fc.constantFrom<StoredState>('blocked', 'waiting', 'running', 'completed', 'failed', 'cancelled');
const instant = fc.integer({ min: -500, max: 5_000 }).map((ms) => 1_800_000_000_000 + ms);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 2 });
const queries = fc.record({
  states: maybe(fc.oneof(fc.constant<StoredState[]>(['running']), fc.uniqueArray(state, { minLength: 1 }))),
  queues: maybe(fc.constantFrom(['a'], ['b'], ['a', 'b'])),
  names: maybe(fc.constantFrom(['m'], ['m', 'n'])),
  session: maybe(fc.constantFrom('s1', 's2', 'nobody')),
  dueBy: maybe(instant),
  dueAfter: maybe(instant),
  expiresBy: maybe(instant),
  deadlineBy: maybe(instant),
  finishedBy: maybe(instant),
  order: maybe(fc.constantFrom('oldest' as const, 'newest' as const)),
  limit: fc.integer({ min: 1, max: 5 }),
});

function matches(row: HeldRow, query: TaskQuery): boolean {
  const isBy = (at: number | null, by: number | undefined): boolean => by === undefined || (at !== null && at <= by);
  return (
    query.states?.includes(row.state) !== false &&
    query.queues?.includes(row.queue) !== false &&
    query.names?.includes(row.name) !== false &&
    (query.session === undefined || row.session === query.session) &&
    isBy(row.runAt, query.dueBy) &&
    (query.dueAfter === undefined || row.runAt > query.dueAfter) &&
    isBy(row.expiresAt, query.expiresBy) &&
    isBy(row.deadlineAt, query.deadlineBy) &&
    isBy(row.finishedAt, query.finishedBy)
  );
}

function idsOf(machine: TaskMachine, query: TaskQuery): string[] {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = machine.list(after === undefined ? query : { ...query, after });
    expect(page.items.length).toBeLessThanOrEqual(query.limit);
    ids.push(...page.items.map(({ id }) => id));
    after = page.next;
  } while (after !== undefined);
  return ids;
}

test('a list holds what a look at every task finds, page by page, after a restore as well', () => {
  const property = fc.property(scripts(80), fc.array(queries, { minLength: 8, maxLength: 8 }), (script, asked) => {
    const told = nothingTold();
    const machine = new TaskMachine();
    for (const step of script) {
      const command = randomCommand(drawnFrom(step), told);
      learn(command, machine.apply(command, null), told);
    }
    const rows = machine.list({ limit: 10_000 }).items;
    const restored = TaskMachine.restore(machine.snapshot());
    for (const query of asked as TaskQuery[]) {
      const expected = rows.filter((row) => matches(row, query)).map(({ id }) => id);
      if (query.order === 'newest') expected.reverse();
      expect(idsOf(machine, query)).toEqual(expected);
      expect(idsOf(restored, query)).toEqual(expected);
    }
  });
  fc.assert(property, { numRuns: 80 });
});

test('who may expire is found among thousands whose expiry was put off or who are gone', () => {
  const machine = new TaskMachine();
  const now = 1_800_000_000_000;
  const base = { queue: 'q', name: 'n', priority: 0, runAt: now, admitBy: now, holdMs: 1, unique: null, parents: [] };
  const rest = { ...base, orderKey: null, limitKey: null, body: null, spec: null };
  const ids = Array.from({ length: 3_000 }, (_, n) => `t${n}`);
  machine.apply({ verb: 'insert', rows: ids.map((id, n) => ({ ...rest, id, expiresAt: now + n })), now }, null);
  const guard = { states: ['waiting'] as const };
  const put = ids.slice(0, 2_000).map((id, n) => ({ id, guard, set: { expiresAt: n % 2 === 0 ? now + 9_000 : null } }));
  machine.apply({ verb: 'update', changes: put, now }, null);
  const end = ids.slice(2_000, 2_500).map((id) => ({ id, guard, set: { state: 'cancelled' as const } }));
  machine.apply({ verb: 'update', changes: end, now }, null);
  const due = (by: number): number => machine.list({ states: ['waiting'], expiresBy: by, limit: 5_000 }).items.length;
  expect([due(now + 2_499), due(now + 2_500), due(now + 8_999), due(now + 9_000)]).toEqual([0, 1, 500, 1_500]);
});
