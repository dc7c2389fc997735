import assert from 'node:assert/strict';
import type { QueueRow } from '@omniq/core/storage';
import type { ConformanceCase } from './case.ts';
import type { Stage } from './stage.ts';
import { abilityCase, taskCase } from './task-case.ts';

const unset = { paused: false, concurrency: null, rate: null, perKey: null };

export const queueCases: readonly ConformanceCase[] = [
  taskCase('queues', 'settings are merged, queue by queue', async (stage) => {
    await stage.insert({ queue: 'plain' });
    assert.deepEqual(await settings(stage), {});
    await stage.tasks.configure('a', { paused: true });
    await stage.tasks.configure('b', { paused: true, concurrency: null });
    await stage.tasks.configure('b', { paused: false });
    await stage.tasks.configure('a', {});
    assert.deepEqual(await settings(stage), { a: { ...unset, paused: true }, b: unset });
  }),

  abilityCase('limits', 'queues', 'limits are merged, and null takes them away', async (stage) => {
    const rate = { limit: 5, periodMs: 1_000 };
    await stage.tasks.configure('a', { concurrency: 3, rate });
    await stage.tasks.configure('a', { perKey: { concurrency: 1, rate: null } });
    const limited = { paused: false, concurrency: 3, rate, perKey: { concurrency: 1, rate: null } };
    assert.deepEqual(await settings(stage), { a: limited });
    await stage.tasks.configure('a', { concurrency: null, perKey: null });
    assert.deepEqual(await settings(stage), { a: { ...unset, rate } });
  }),

  taskCase('capabilities', 'capabilities are told in full', async ({ tasks: { capabilities } }) => {
    const { shared, order, ...flags } = capabilities;
    assert.ok(['process', 'host', 'network'].includes(shared));
    assert.ok(['strict', 'loose'].includes(order));
    for (const flag of [
      'durable',
      'clock',
      'watch',
      'results',
      'then',
      'transactions',
      'uniqueKeys',
      'orderKeys',
      'limits',
    ] as const) {
      assert.equal(typeof flags[flag], 'boolean', flag);
    }
  }),
];

async function settings(stage: Stage): Promise<Record<string, Omit<QueueRow, 'queue'>>> {
  return Object.fromEntries((await stage.tasks.queues()).map(({ queue, ...rest }) => [queue, rest]));
}
