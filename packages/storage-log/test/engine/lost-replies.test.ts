import { isOmniQError, type TaskStore } from '@omniq/core/storage';
import { describe, expect, test } from 'vitest';
import { passTime } from '../log/pass-time.ts';
import { newTask, shore, type Shore } from './harness.ts';

const bad = {
  unreachable: 0.08,
  lostReply: 0.08,
  late: 0.08,
  partialRead: 0.3,
  falseWake: 0.1,
  lostWake: 0.1,
  delayMs: 10,
  lateMs: 2_000,
};

describe.each(['writers', 'log'] as const)('on a bad network, over a log that %s number', (numberedBy) => {
  test.each(Array.from({ length: 12 }, (_, seed) => seed))(
    'every task runs to its end once (seed %i)',
    async (seed) => {
      const place = shore(seed, { numberedBy });
      const ends: string[] = [];
      const processes = [place.process(bad), place.process(bad), place.process(bad)];
      const work = Promise.all(
        processes.map(async ({ tasks }, index) => {
          await produce(place, tasks, index);
          await consume(place, tasks, `s${index}`, ends);
        }),
      );
      await passTime(place.ambient, work);
      for (const { log } of processes) log.heal();
      await place.ambient.advance(5_000);
      expect(ends.toSorted()).toEqual(
        processes.flatMap((_, p) => Array.from({ length: 30 }, (__, n) => `${p}-${n}`)).toSorted(),
      );
      const counts = await Promise.all(processes.map(({ tasks }) => passTime(place.ambient, tasks.count(0))));
      for (const count of counts) expect(count).toEqual([{ queue: 'q', state: 'completed', count: 90 }]);
      const [first, ...others] = processes.map(({ engine }) => engine.standing);
      for (const other of others) expect(other).toEqual(first);
    },
  );
});

async function produce(place: Shore, tasks: TaskStore, process: number): Promise<void> {
  const rows = Array.from({ length: 30 }, (_, n) => newTask(`${process}-${n}`, place.ambient.clock.now()));
  for (let at = 0; at < rows.length; at += 3)
    await tried(() => tasks.insert(rows.slice(at, at + 3), place.ambient.clock.now()));
}

/** Ends count where the store said so for the first time. */
async function consume(place: Shore, tasks: TaskStore, id: string, ends: string[]): Promise<void> {
  const { clock } = place.ambient;
  await tried(() => tasks.open({ id, host: 'h', pid: 1, processStart: '1' }, clock.now()));
  for (let request = 1; ends.length < 90; request += 1) {
    const claim = { session: id, lane: 1, request, queues: ['q'], limit: 4, start: 4, now: clock.now() };
    const claimed = await tried(() => tasks.claim(claim));
    for (const task of claimed) {
      const change = { id: task.id, guard: { lease: task.lease }, set: { state: 'completed' } } as const;
      const [outcome] = await tried(() => tasks.update([change], clock.now()));
      // A reply that was lost is read from the row.
      if (outcome?.status !== 'applied') {
        const [row] = await tried(() => tasks.get([task.id]));
        expect(row).toMatchObject({ state: 'completed', lease: task.lease });
      }
      ends.push(task.id);
    }
    if (claimed.length === 0) await new Promise<void>((resolve) => place.ambient.timers.after(50, resolve));
  }
}

async function tried<T>(verb: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await verb();
    } catch (error) {
      if (!isOmniQError(error, 'STORE_UNREACHABLE')) throw error;
    }
  }
}
