import type { LogEntry } from '@omniq/core/storage';
import { describe, expect, test } from 'vitest';
import { passTime } from '../log/pass-time.ts';
import { newTask, shore, type Process, type Shore } from './harness.ts';

const keepMs = 120_000;

describe('a process that slept while the log went on and was trimmed', () => {
  test('does not begin a second history at a number that is free again', async () => {
    const place = shore(1, { keepMs });
    const [sleeper, other] = [place.process(), place.process()];
    await passTime(place.ambient, fill(place, sleeper, 1));
    sleeper.log.freeze();
    const late = sleeper.tasks.insert([newTask('late', place.ambient.clock.now())], place.ambient.clock.now());
    await trimmedBeyond(place, other);
    sleeper.log.thaw();
    await passTime(place.ambient, late);
    // What it wrote is where everybody sees it, and it sees what everybody wrote.
    const rows = await passTime(place.ambient, other.tasks.get(['late', 'a1-0']));
    expect(rows).toEqual([expect.objectContaining({ id: 'late' }), expect.objectContaining({ id: 'a1-0' })]);
    expect(await passTime(place.ambient, sleeper.tasks.get(['b40-0']))).toEqual([
      expect.objectContaining({ id: 'b40-0' }),
    ]);
    expect(sleeper.engine.standing).toEqual(other.engine.standing);
  });

  test('reads no entry that another sleeper made anew', async () => {
    const place = shore(1, { keepMs });
    const [reader, other] = [place.process(), place.process()];
    await passTime(place.ambient, fill(place, reader, 1));
    const slept = reader.engine.standing.position;
    // A store that is asked for numbers shows one that was made anew, and none behind it.
    let ghost: LogEntry | null = null;
    const readOn = reader.log.read.bind(reader.log);
    reader.log.read = async (after, limit) => {
      const entries = await readOn(after, limit);
      if (ghost === null || after > slept + 1) return entries;
      return after === slept ? [ghost] : [];
    };
    reader.log.freeze();
    const read = reader.tasks.get(['b40-0']);
    await trimmedBeyond(place, other);
    ghost = { ...(place.memory.entries.get(place.memory.head) as LogEntry), position: slept + 1 };
    reader.log.thaw();
    expect(await passTime(place.ambient, read)).toEqual([expect.objectContaining({ id: 'b40-0' })]);
    expect(reader.engine.standing).toEqual(other.engine.standing);
  });
});

async function fill(place: Shore, { tasks }: Process, count: number, prefix = 'a'): Promise<void> {
  for (let n = 1; n <= count; n += 1) {
    const now = place.ambient.clock.now();
    const rows = Array.from({ length: 200 }, (_, index) =>
      newTask(`${prefix}${n}-${index}`, now, { spec: new Uint8Array(200) }),
    );
    await tasks.insert(
      rows.map((row, index) => ({ ...row, body: Uint8Array.from({ length: 250 }, (_, at) => at * index) })),
      now,
    );
  }
}

/** Writes on until a snapshot stands for what the others know, and so long that it is cleared away. */
async function trimmedBeyond(place: Shore, writer: Process): Promise<void> {
  for (let round = 0; place.memory.first < 10; round += 1) {
    expect(round).toBeLessThan(10);
    await passTime(place.ambient, fill(place, writer, 40, round === 0 ? 'b' : `c${round}-`));
    await place.ambient.advance(keepMs + 1_000);
  }
}
