import type { Backend, TaskStore } from '@omniq/core/storage';
import { expect, test } from 'vitest';
import { runModel } from '../../src/model-based/index.ts';
import { settingsFrom } from '../../src/model-based/model-options.ts';
import { ordersOf } from '../../src/model-based/orders.ts';
import { reduced } from '../../src/model-based/reduce.ts';
import { openMemory } from './subjects.ts';

/** A memory in which tasks come back as cancelled that were completed. */
async function openForgetful(): Promise<Backend> {
  const backend = await openMemory();
  const tasks = backend.tasks as TaskStore;
  const update: TaskStore['update'] = (changes, now) =>
    tasks.update(
      changes.map((change) =>
        change.set.state === 'completed' ? { ...change, set: { ...change.set, state: 'cancelled' } } : change,
      ),
      now,
    );
  const broken = new Proxy(tasks, {
    get(target, verb) {
      if (verb === 'update') return update;
      const value: unknown = Reflect.get(target, verb, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { ...backend, tasks: broken, close: () => backend.close() };
}

test('a failure shows the fewest commands, and its seed and path show it again', async () => {
  const options = { reference: openMemory, runs: 200, limitMs: 20_000, seed: 3 };
  const { failure = '' } = await runModel('forgetful', openForgetful, 'sequential', options);
  expect(failure).toMatch(/complete/);
  expect(failure).toMatch(/expected {2}.*state: 'completed'[^]*got {7}.*state: 'cancelled'/);
  const commands = failure.match(/^ +\d+\. /gm) ?? [];
  expect(commands.length).toBeLessThanOrEqual(4);
  const [, seed, path = ''] = /OMNIQ_MODEL_SEED=(\d+) OMNIQ_MODEL_PATH=(\d+)$/.exec(failure) ?? [];
  const again = await runModel('forgetful', openForgetful, 'sequential', { ...options, seed: Number(seed), path });
  expect(withoutInstants(again.failure)).toContain(withoutInstants(failure).split('\n\n')[0] ?? failure);
});

function withoutInstants(text = ''): string {
  return text.replaceAll(/\d{13}/g, 'instant');
}

test('what was compared is counted, and the same for the same seed', async () => {
  const options = { reference: openMemory, runs: 20, limitMs: 20_000, seed: 5 };
  const first = await runModel('memory', openMemory, 'sequential', options);
  const second = await runModel('memory', openMemory, 'sequential', options);
  expect(first.sequences).toBe(20);
  expect(first.commands).toBeGreaterThan(200);
  expect(second).toEqual(first);
});

test('runs, seed, path and steps come from the environment where they are not given', () => {
  const env = { OMNIQ_MODEL_RUNS: '9', OMNIQ_MODEL_SEED: '8', OMNIQ_MODEL_PATH: '7:6', OMNIQ_MODEL_STEPS: '5' };
  const reference = openMemory;
  expect(settingsFrom({ reference }, env)).toMatchObject({ runs: 9, seed: 8, path: '7:6', steps: 5 });
  expect(settingsFrom({ reference, runs: 1, seed: 2 }, env)).toMatchObject({ runs: 1, seed: 2 });
  expect(() => settingsFrom({ reference }, { OMNIQ_MODEL_RUNS: 'many' })).toThrow('OMNIQ_MODEL_RUNS is not an integer');
});

test('who ended before another began comes first in every order', () => {
  const together = { began: 1, ended: 9 };
  expect([...ordersOf([together, together, together])]).toHaveLength(6);
  const inTurn = [
    { began: 5, ended: 6 },
    { began: 1, ended: 2 },
    { began: 3, ended: 7 },
  ];
  expect([...ordersOf(inTurn)]).toEqual([
    [1, 0, 2],
    [1, 2, 0],
  ]);
});

test('a script loses whatever it fails without, from the middle and from within', async () => {
  const script = Array.from({ length: 40 }, (_, n) => ({ rows: [n, n + 100] }));
  const fails = async (some: typeof script): Promise<boolean> => {
    const rows = some.flatMap((item) => item.rows);
    return [3, 117, 30].every((each) => rows.includes(each));
  };
  expect(await reduced(script, fails)).toEqual([{ rows: [3] }, { rows: [117] }, { rows: [30] }]);
});
