import { expect, test } from 'vitest';
import { StoreClock } from '../../src/queue/store-clock.ts';
import type { Ambient } from '../../src/clock.ts';
import type { TaskStore } from '../../src/storage/task-store.ts';

function clocks(storeTime?: () => number) {
  const here = { wall: 5_000_000, monotonic: 100 };
  const ambient: Ambient = {
    clock: { now: () => here.wall, monotonic: () => here.monotonic },
    timers: { after: () => () => {}, turn: async () => {} },
    random: () => 0.5,
  };
  const store = (storeTime === undefined ? {} : { time: async () => storeTime() }) as TaskStore;
  return { here, clock: new StoreClock(ambient, store) };
}

test('is the time of the store, carried on by the monotonic clock, whatever this machine says', async () => {
  let theirs = 1_000;
  const { here, clock } = clocks(() => theirs);
  expect(clock.now()).toBe(5_000_000);
  await clock.sync();
  expect(clock.now()).toBe(1_000);
  here.wall += 3_600_000;
  here.monotonic += 250;
  expect(clock.now()).toBe(1_250);
  theirs = 1_200;
  await clock.sync();
  expect(clock.now()).toBe(1_200);
});

test('without a clock in the store it is that of this machine, and its steps count from the next sync on', async () => {
  const { here, clock } = clocks();
  here.wall += 1_000;
  expect(clock.now()).toBe(5_000_000);
  await clock.sync();
  expect(clock.now()).toBe(5_001_000);
});

test('never runs backwards between two syncs', () => {
  const { here, clock } = clocks();
  const before = clock.now();
  here.monotonic -= 50;
  expect(clock.now()).toBe(before);
});
