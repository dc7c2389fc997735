import { expect, test } from 'vitest';
import { Appetite } from '../../src/worker/appetite.ts';
import { Alarms } from '../../src/worker/alarms.ts';

test('fast handlers are fed ever larger claims, up to the bound', () => {
  const appetite = new Appetite(100);
  expect(appetite.wanted(10, 0)).toBe(10);
  const asked = [];
  for (let round = 0; round < 5; round += 1) {
    const want = appetite.wanted(10, 0);
    asked.push(want);
    appetite.claimed(want, want, 5);
  }
  expect(asked).toEqual([10, 26, 42, 74, 110]);
  expect(appetite.wanted(0, 60)).toBe(0);
  expect(appetite.wanted(0, 50)).toBe(50);
});

test('what has to wait for a slot stops claiming ahead', () => {
  const appetite = new Appetite(100);
  for (let round = 0; round < 5; round += 1) appetite.claimed(10, 10, 5);
  for (let round = 0; round < 5; round += 1) appetite.waited(60);
  expect(appetite.wanted(3, 0)).toBe(3);
});

test('slow batches and claims that came back short leave it as it is', () => {
  const appetite = new Appetite(100);
  appetite.claimed(10, 10, 500);
  appetite.claimed(3, 10, 5);
  expect(appetite.wanted(10, 0)).toBe(10);
});

test('alarms ring at each instant once, soonest first, whatever the order they were set in', () => {
  const timers: { at: number; fn: () => void }[] = [];
  let now = 0;
  let rings = 0;
  const alarms = new Alarms(
    {
      after(ms, fn) {
        const timer = { at: now + ms, fn };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), 1);
      },
      turn: () => Promise.resolve(),
    },
    () => (rings += 1),
  );
  for (const at of [300, 100, 200, 100]) alarms.at(at, now);
  const rungAt: number[] = [];
  while (timers.length > 0) {
    expect(timers).toHaveLength(1);
    const [timer] = timers.splice(0, 1);
    now = timer?.at ?? 0;
    timer?.fn();
    rungAt.push(now);
  }
  expect(rungAt).toEqual([100, 200, 300]);
  expect(rings).toBe(3);
  alarms.at(250, now);
  expect(rings).toBe(4);
});
