import { expect, test } from 'vitest';
import { Coalescer } from '../src/systems/coalescer.ts';

function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

test('the adds of a tick are one batch, and what comes while the lanes are busy is the next', async () => {
  const batches: string[][] = [];
  const gates = [gate(), gate()];
  const adds = new Coalescer(
    async (payloads) => {
      batches.push(payloads);
      await gates[batches.length - 1]?.opened;
    },
    { lanes: 1, largest: 10 },
  );
  const first = [adds.add('a'), adds.add('b')];
  await Promise.resolve();
  const second = [adds.add('c'), adds.add('d')];
  expect(batches).toEqual([['a', 'b']]);
  gates[0]?.open();
  await Promise.all(first);
  gates[1]?.open();
  await Promise.all(second);
  expect(batches).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

test('a batch that fails rejects its own callers alone, and no batch is larger than allowed', async () => {
  const sizes: number[] = [];
  const adds = new Coalescer(
    async (payloads) => {
      sizes.push(payloads.length);
      if (payloads.includes('bad')) throw new Error('refused');
    },
    { lanes: 2, largest: 2 },
  );
  const outcomes = await Promise.allSettled(['a', 'bad', 'c', 'd', 'e'].map((payload) => adds.add(payload)));
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
  expect(sizes).toEqual([2, 2, 1]);
});
