import { newTask } from '@omniq/testkit/storage';
import { expect, test } from 'vitest';
import { ReadyQueue } from '../../src/machine/ready-queue.ts';
import { TaskPool } from '../../src/machine/task-pool.ts';
import { taskRecord, type TaskRecord } from '../../src/machine/task-record.ts';

const NOW = 1_000_000;
const pool = new TaskPool();
const ignore = (): void => {};

function records(count: number, given: (n: number) => { runAt: number; priority?: number }): TaskRecord[] {
  return Array.from({ length: count }, (_, n) => taskRecord(newTask({ id: `t${n}`, ...given(n) }), n, NOW, pool));
}

function drain(queue: ReadyQueue, now: number): string[] {
  const ids: string[] = [];
  for (let task = queue.take(now, ignore); task !== undefined; task = queue.take(now, ignore)) ids.push(task.id);
  return ids;
}

test('twenty thousand tasks come out in order, while others are dropped, moved and made due', () => {
  const queue = new ReadyQueue();
  const tasks = records(20_000, (n) => ({ runAt: NOW + [0, 0, 0, 500, -3][n % 5]!, priority: n % 2 }));
  tasks.forEach((task) => queue.push(task, NOW));
  for (const [n, task] of tasks.entries()) {
    if (n % 3 === 0) queue.drop(task, task.priority);
    if (n % 7 === 0) {
      queue.drop(task, task.priority);
      task.priority = 2;
      queue.push(task, NOW);
    }
  }
  const expected = (due: (task: TaskRecord) => boolean): string[] =>
    tasks
      .filter((task, n) => (n % 3 !== 0 || n % 7 === 0) && due(task))
      .sort((a, b) => b.priority - a.priority || a.runAt - b.runAt || a.seq - b.seq)
      .map(({ id }) => id);
  expect(drain(queue, NOW)).toEqual(expected(({ runAt }) => runAt <= NOW));
  expect(drain(queue, NOW + 500)).toEqual(expected(({ runAt }) => runAt > NOW));
});

test('dropping nearly all of a long line leaves the others in their order', () => {
  const queue = new ReadyQueue();
  const tasks = records(10_000, (n) => ({ runAt: n % 4 === 0 ? NOW - n : NOW }));
  tasks.forEach((task) => queue.push(task, NOW));
  tasks.forEach((task, n) => n % 100 !== 0 && queue.drop(task, task.priority));
  const left = tasks.filter((_, n) => n % 100 === 0).sort((a, b) => a.runAt - b.runAt || a.seq - b.seq);
  expect(drain(queue, NOW)).toEqual(left.map(({ id }) => id));
});

test('a line that is filled and emptied over and over keeps its order', () => {
  const queue = new ReadyQueue();
  let [pushed, taken] = [0, 0];
  for (let round = 0; round < 50; round += 1) {
    for (let n = 0; n < 400; n += 1) {
      queue.push(taskRecord(newTask({ id: `t${pushed}`, runAt: NOW }), pushed, NOW, pool), NOW);
      pushed += 1;
    }
    for (let n = 0; n < 300; n += 1) {
      expect(queue.take(NOW, ignore)?.id).toBe(`t${taken}`);
      taken += 1;
    }
  }
  expect(drain(queue, NOW)).toHaveLength(pushed - taken);
});
