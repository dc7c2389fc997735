import { describe, expect, test } from 'vitest';
import { passTime } from '../log/pass-time.ts';
import { newTask, shore, type Process, type Shore } from './harness.ts';

describe('a newer fold version', () => {
  test('does not come into force while somebody who may write does not know it', async () => {
    const place = shore();
    const [old, young] = [place.process({}, 1), place.process({}, 2)];
    await insert(place, old, 'a');
    await insert(place, young, 'b');
    expect(await passTime(place.ambient, young.engine.activate(2))).toBe(1);
    await insert(place, old, 'c');
  });

  test('comes into force once they are silent; code that does not know it stops, and says why', async () => {
    const place = shore();
    const [old, young] = [place.process({}, 1), place.process({}, 2)];
    await insert(place, old, 'a');
    await insert(place, young, 'b');
    await place.ambient.advance(16 * 60_000);
    await insert(place, young, 'c');
    expect(await passTime(place.ambient, young.engine.activate(2))).toBe(2);
    await insert(place, young, 'd');
    await expect(insert(place, old, 'e')).rejects.toMatchObject({ code: 'STORE_VERSION' });
    await expect(passTime(place.ambient, old.tasks.count(0))).rejects.toMatchObject({ code: 'STORE_VERSION' });
    expect(await passTime(place.ambient, young.tasks.get(['a', 'd', 'e']))).toEqual([
      expect.objectContaining({ id: 'a' }),
      expect.objectContaining({ id: 'd' }),
      undefined,
    ]);
  });
});

async function insert(place: Shore, { tasks }: Process, id: string): Promise<void> {
  const now = place.ambient.clock.now();
  await passTime(place.ambient, tasks.insert([newTask(id, now)], now));
}
