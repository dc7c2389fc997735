import { expect, test } from 'vitest';
import { torture } from '../src/fleet/torture.ts';
import { randomFrom } from '../src/random.ts';

// The command goes on for minutes; this is long enough for a server that dies, and for connections that are cut.
test.each(['postgres', 'redis'])(
  'nothing that was acknowledged on %s is lost or done twice while its server dies',
  async (backend) => {
    const { verdict, faults } = await torture({
      backend,
      faults: ['server-kill', 'cut', 'worker-kill'],
      seconds: 7,
      workers: 2,
      producers: 1,
      rate: 100,
      random: randomFrom(1),
      say: () => {},
    });
    expect(faults).toEqual([]);
    expect(verdict.violations).toEqual([]);
    expect(verdict.complete).toBe(true);
    expect(verdict.acked).toBeGreaterThan(100);
  },
);
