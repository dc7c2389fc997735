import { describe, expect, test } from 'vitest';
import { passTime } from '../log/pass-time.ts';
import { newTask, shore } from './harness.ts';

describe('many idle workers', () => {
  test('write nothing to claim nothing', async () => {
    const place = shore();
    const workers = await opened(place, 8);
    const before = place.memory.head;
    await Promise.all(workers.map((worker) => passTime(place.ambient, worker.claim(2))));
    expect(place.memory.head).toBe(before);
  });

  test('leave one task to one of them', async () => {
    const place = shore();
    const workers = await opened(place, 20);
    const now = place.ambient.clock.now();
    let claims = 0;
    for (let round = 0; round < 10; round += 1) {
      await passTime(place.ambient, (workers[0] as Worker).tasks.insert([newTask(`t${round}`, now)], now));
      const before = place.memory.head;
      const claimed = await passTime(place.ambient, Promise.all(workers.map((worker) => worker.claim(round + 3))));
      expect(claimed.flat().map(({ id }) => id)).toEqual([`t${round}`]);
      claims += place.memory.head - before;
      const [task] = claimed.flat();
      const end = { id: `t${round}`, guard: { lease: task?.lease ?? 0 }, set: { state: 'completed' } } as const;
      await passTime(place.ambient, (workers[0] as Worker).tasks.update([end], now));
    }
    // Nineteen of twenty would be void without their row.
    expect(claims).toBeLessThan(20);
  });

  test('all claim at once where there is enough for all', async () => {
    const place = shore();
    const workers = await opened(place, 8);
    const now = place.ambient.clock.now();
    const rows = Array.from({ length: 100 }, (_, n) => newTask(`t${n}`, now));
    await passTime(place.ambient, (workers[0] as Worker).tasks.insert(rows, now));
    const claimed = await passTime(place.ambient, Promise.all(workers.map((worker) => worker.claim(2, 5))));
    expect(claimed.map(({ length }) => length)).toEqual(Array.from({ length: 8 }, () => 5));
  });
});

type Worker = Awaited<ReturnType<typeof opened>>[number];

async function opened(place: ReturnType<typeof shore>, count: number) {
  const processes = Array.from({ length: count }, () => place.process());
  const session = { host: 'h', pid: 1, processStart: '1' };
  for (const [n, { tasks }] of processes.entries())
    await passTime(place.ambient, tasks.open({ ...session, id: `s${n}` }, 0));
  return processes.map(({ tasks }, n) => ({
    tasks,
    claim: (request: number, limit = 5) =>
      tasks.claim({
        session: `s${n}`,
        lane: 1,
        request,
        queues: ['q'],
        limit,
        start: 1,
        now: place.ambient.clock.now(),
      }),
  }));
}
