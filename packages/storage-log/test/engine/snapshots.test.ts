import { describe, expect, test } from 'vitest';
import { passTime } from '../log/pass-time.ts';
import { newTask, shore, type Process, type Shore } from './harness.ts';

const keepMs = 60_000;

describe('snapshots', () => {
  test('stand for the beginning of the log: who comes later reads one and what follows it', async () => {
    const place = shore(1, { keepMs });
    const one = place.process();
    await grow(place, one, 'a', 40);
    expect(place.memory.snapshots.size).toBeGreaterThan(0);
    await place.ambient.advance(keepMs + 1_000);
    await grow(place, one, 'b', 40);
    await place.ambient.advance(keepMs + 1_000);
    await grow(place, one, 'c', 40);
    expect(place.memory.first).toBeGreaterThan(1);
    const late = place.process();
    const rows = await passTime(place.ambient, late.tasks.get(['a0-0', 'c39-199']));
    expect(rows.map((row) => row?.body)).toEqual([bodyOf(0), bodyOf(199)]);
    await passTime(place.ambient, one.tasks.count(0));
    expect(late.engine.standing).toEqual(one.engine.standing);
  });

  test('are taken by one of those that share the log, not by each', async () => {
    const place = shore(1, { keepMs });
    const processes = Array.from({ length: 4 }, () => place.process());
    let saved = 0;
    for (const { log } of processes) {
      const save = log.saveSnapshot.bind(log);
      log.saveSnapshot = (position, bytes) => ((saved += 1), save(position, bytes));
    }
    for (let round = 0; round < 10; round += 1)
      for (const [n, process] of processes.entries()) await grow(place, process, `r${round}p${n}-`, 2);
    await passTime(place.ambient, Promise.all(processes.map(({ tasks }) => tasks.count(0))));
    expect(saved).toBeGreaterThan(1);
    expect(saved).toBeLessThan(8);
  });

  test('are of where they began, though all go on while they are taken', async () => {
    const place = shore(1, { keepMs });
    const processes = [place.process({}, undefined, 10), place.process({}, undefined, 10)];
    const behind: number[] = [];
    for (const { log, engine } of processes) {
      const save = log.saveSnapshot.bind(log);
      log.saveSnapshot = (position, bytes) => {
        behind.push(engine.standing.position - position);
        return save(position, bytes);
      };
    }
    await Promise.all(processes.map((process, n) => grow(place, process, `p${n}-`, 60)));
    await Promise.all(processes.map((process, n) => grow(place, process, `q${n}-`, 60)));
    expect(Math.max(...behind)).toBeGreaterThan(0);
    const late = place.process();
    await passTime(place.ambient, Promise.all([late, ...processes].map(({ tasks }) => tasks.count(0))));
    for (const { engine } of processes) expect(late.engine.standing).toEqual(engine.standing);
  });

  test('that cannot be saved are made up for by the next, and nothing is trimmed meanwhile', async () => {
    const place = shore(1, { keepMs });
    const one = place.process();
    const save = one.log.saveSnapshot.bind(one.log);
    one.log.saveSnapshot = () => Promise.reject(new Error('no room'));
    await grow(place, one, 'a', 80);
    expect([place.memory.snapshots.size, place.memory.first]).toEqual([0, 1]);
    one.log.saveSnapshot = save;
    await grow(place, one, 'b', 80);
    expect(place.memory.snapshots.size).toBeGreaterThan(0);
  });

  test('packs that no task names any more are cleared away, others stay', async () => {
    const place = shore(1, { keepMs });
    const one = place.process();
    const now = place.ambient.clock.now();
    const body = new Uint8Array(3_000).fill(7);
    const rows = [newTask('kept', now, { body }), newTask('gone', now, { body })];
    for (const row of rows) await passTime(place.ambient, one.tasks.insert([row], now));
    const cancel = { id: 'gone', guard: { states: ['waiting'] }, set: { state: 'cancelled' } } as const;
    await passTime(place.ambient, one.tasks.update([cancel], now));
    await passTime(place.ambient, one.tasks.remove(['gone'], now + 1));
    await place.ambient.advance(31 * 60_000);
    await grow(place, one, 'a', 60);
    expect(place.records.records.size).toBe(1);
    expect(await passTime(place.ambient, place.process().tasks.get(['kept']))).toEqual([
      expect.objectContaining({ body }),
    ]);
  });
});

function bodyOf(index: number): Uint8Array {
  return Uint8Array.from({ length: 250 }, (_, at) => (at * (index + 3)) % 256);
}

/** Inserts of two hundred tasks each: about 55 kB of the log. */
async function grow(place: Shore, { tasks }: Process, prefix: string, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const now = place.ambient.clock.now();
    const rows = Array.from({ length: 200 }, (_, index) =>
      newTask(`${prefix}${n}-${index}`, now, { body: bodyOf(index) }),
    );
    await passTime(place.ambient, tasks.insert(rows, now));
  }
  await place.ambient.advance(100);
}
