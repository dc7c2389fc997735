import { expect, test } from 'vitest';
import { inParentOrder } from '../../src/queue/parent-order.ts';
import type { NewTask } from '../../src/storage/task-row.ts';

function row(id: string, ...parents: string[]): NewTask {
  return {
    id,
    queue: 'q',
    name: 'n',
    priority: 0,
    runAt: 0,
    expiresAt: null,
    admitBy: 1,
    holdMs: 1,
    unique: null,
    orderKey: null,
    limitKey: null,
    parents: parents.map((parent) => ({ id: parent, policy: 'cancel' })),
    body: null,
    spec: null,
  };
}

test('rows stand after those they wait for', () => {
  const ordered = inParentOrder([row('c', 'b', 'a'), row('b', 'a'), row('a'), row('d', 'elsewhere')]).map(
    ({ id }) => id,
  );
  expect(ordered).toHaveLength(4);
  expect(ordered.indexOf('a')).toBeLessThan(ordered.indexOf('b'));
  expect(ordered.indexOf('b')).toBeLessThan(ordered.indexOf('c'));
});

test('a cycle is refused with its path', () => {
  expect(() => inParentOrder([row('x'), row('a', 'c'), row('b', 'a'), row('c', 'b')])).toThrowError(/a → c → b → a/);
  expect(() => inParentOrder([row('a', 'a')])).toThrowError(/a → a/);
});

test('a chain of 10,000 does not exhaust the stack', () => {
  const chain = Array.from({ length: 10_000 }, (_, index) =>
    index === 0 ? row('0') : row(`${index}`, `${index - 1}`),
  );
  expect(inParentOrder(chain.toReversed())[0]?.id).toBe('0');
});
