import { expect, test } from 'vitest';
import { Recovery } from '../src/fleet/recovery.ts';

test('the time of a recovery ends when the usual rate is reached over most of a second', () => {
  let now = 0;
  let done = 0;
  const recovery = new Recovery(() => now);
  const work = (ms: number, perSecond: number): void => {
    for (const end = now + ms; now < end;) {
      now += 100;
      done += perSecond / 10;
      recovery.sample(done);
    }
  };
  work(3_000, 200);
  recovery.begin();
  expect(recovery.usual).toBe(200);
  recovery.faultEnded();
  work(2_000, 0);
  work(400, 100);
  expect(recovery.times).toEqual([]);
  work(2_000, 200);
  const [time] = recovery.times;
  expect(time).toBeGreaterThan(2_400);
  expect(time).toBeLessThan(4_000);
  expect(recovery.times).toHaveLength(1);
});
