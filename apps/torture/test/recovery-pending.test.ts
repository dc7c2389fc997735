import { expect, test } from 'vitest';
import { Recovery } from '../src/fleet/recovery.ts';

test('a fault is over once 90 % of the rate before it are reached, and not while nothing is done', () => {
  const { recovery, run } = fleetAt(100);
  run(4_000, 100);
  recovery.begin();
  expect(recovery.usual).toBeCloseTo(100);
  recovery.faultEnded();
  run(2_000, 0);
  run(2_000, 50);
  expect(recovery.isPending).toBe(true);
  run(2_000, 95);
  expect(recovery.isPending).toBe(false);
  expect(recovery.times).toHaveLength(1);
  expect(recovery.times[0]).toBeGreaterThan(4_000);
  expect(recovery.times[0]).toBeLessThanOrEqual(5_000);
});

test('a fault that strikes before the last was got over counts from the first', () => {
  const { recovery, run } = fleetAt(100);
  run(4_000, 100);
  recovery.begin();
  recovery.faultEnded();
  run(3_000, 0);
  recovery.faultEnded();
  run(2_000, 100);
  expect(recovery.times).toHaveLength(1);
  expect(recovery.times[0]).toBeGreaterThan(3_000);
});

test('a fleet that had no rate has not got over anything by doing nothing', () => {
  const { recovery, run } = fleetAt(100);
  run(4_000, 0);
  recovery.begin();
  recovery.faultEnded();
  run(2_000, 0);
  expect(recovery.isPending).toBe(true);
});

interface Fleet {
  readonly recovery: Recovery;
  /** Works for so many ms at so many tasks a second. */
  readonly run: (ms: number, rate: number) => void;
}

function fleetAt(stepMs: number): Fleet {
  let [now, done] = [0, 0];
  const recovery = new Recovery(() => now);
  const run = (ms: number, rate: number): void => {
    for (let gone = 0; gone < ms; gone += stepMs) {
      now += stepMs;
      done += (rate * stepMs) / 1_000;
      recovery.sample(done);
    }
  };
  return { recovery, run };
}
