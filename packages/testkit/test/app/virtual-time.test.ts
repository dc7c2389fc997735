import { expect, test } from 'vitest';
import { VirtualTime } from '../../src/app/virtual-time.ts';

test('time stands still until it is moved, and ends where it is told to', async () => {
  const time = new VirtualTime(1_000);
  expect([time.now, time.clock.now(), time.clock.monotonic()]).toEqual([1_000, 1_000, 0]);
  await time.moveTo(1_500);
  expect([time.now, time.clock.now(), time.clock.monotonic()]).toEqual([1_500, 1_500, 500]);
});

test('timers fire at their times, those of one instant in the order they were set', async () => {
  const time = new VirtualTime(0);
  const fired: [string, number][] = [];
  const note = (name: string) => (): void => void fired.push([name, time.now]);
  time.timers.after(20, note('c'));
  time.timers.after(10, note('a'));
  time.timers.after(10, note('b'));
  const cancel = time.timers.after(15, note('never'));
  time.timers.after(10, () => time.timers.after(5, note('nested')));
  time.timers.after(31, note('later'));
  cancel();
  await time.moveTo(30);
  expect(fired).toEqual([
    ['a', 10],
    ['b', 10],
    ['nested', 15],
    ['c', 20],
  ]);
  expect(time.nextTimerAt).toBe(31);
});

test('it rests only when all turns are taken, and those that they led to', async () => {
  const time = new VirtualTime(0);
  let turns = 0;
  const work = async (): Promise<void> => {
    for (; turns < 20; turns += 1) {
      await time.timers.turn();
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
  };
  void work();
  await time.rest();
  expect(turns).toBe(20);
});

test('it can be halted on the way', async () => {
  const time = new VirtualTime(0);
  let fired = 0;
  for (const ms of [1, 2, 3]) time.timers.after(ms, () => (fired += 1));
  await time.moveTo(10, () => fired === 2);
  expect([fired, time.now]).toEqual([2, 2]);
});
