import { describe, expect, test } from 'vitest';
import { passTime } from '../log/pass-time.ts';
import { newTask, shore, type Process, type Shore } from './harness.ts';

const large = (fill: number): Uint8Array => new Uint8Array(2_000).fill(fill);

describe('bytes too large for the log', () => {
  test('of one batch lie in one record, and come back whole, elsewhere and after a restart', async () => {
    const place = shore();
    const [one, other] = [place.process(), place.process()];
    await insert(
      place,
      one,
      Array.from({ length: 50 }, (_, n) => ({ id: `t${n}`, body: large(n) })),
    );
    expect([...place.records.records.keys()]).toEqual([expect.stringMatching(/^pack\/\d{16}-/)]);
    for (const { tasks } of [one, other, place.process()]) {
      const rows = await passTime(place.ambient, tasks.get(['t0', 't49']));
      expect(rows.map((row) => row?.body)).toEqual([large(0), large(49)]);
    }
  });

  test('are written before the entry that names them: where they cannot be, nothing is inserted', async () => {
    const place = shore();
    const one = place.process();
    place.records.put = () => Promise.reject(new Error('the disk is full'));
    await expect(insert(place, one, [{ id: 'a', body: large(1) }])).rejects.toThrow('the disk is full');
    expect(await passTime(place.ambient, place.process().tasks.get(['a']))).toEqual([undefined]);
    await insert(place, one, [{ id: 'b', body: new Uint8Array(10) }]);
  });

  test('that are gone make their task fail, and hold up no other', async () => {
    const place = shore();
    const [one, other] = [place.process(), place.process()];
    await insert(place, one, [{ id: 'a', body: large(1) }]);
    place.records.records.clear();
    await insert(place, one, [{ id: 'b', body: large(2) }]);
    await passTime(place.ambient, other.tasks.open({ id: 's', host: 'h', pid: 1, processStart: '1' }, 0));
    const request = {
      session: 's',
      lane: 1,
      request: 1,
      queues: ['q'],
      limit: 9,
      start: 9,
      now: place.ambient.clock.now(),
    };
    const claimed = await passTime(place.ambient, other.tasks.claim(request));
    // No codec knows a payload of one zero byte: the run is refused, visibly.
    expect(claimed.map(({ body }) => body)).toEqual([Uint8Array.of(0), large(2)]);
  });

  test('an entry larger than the log takes lies beside it', async () => {
    const place = shore(1, { maxBytes: 4_000 });
    const [one, other] = [place.process(), place.process()];
    await insert(
      place,
      one,
      Array.from({ length: 200 }, (_, n) => ({ id: `a-rather-long-id-${n}`, body: new Uint8Array(100).fill(n) })),
    );
    await insert(place, other, [{ id: 'b', body: null }]);
    const rows = await passTime(place.ambient, other.tasks.get(['a-rather-long-id-199', 'b']));
    expect(rows).toEqual([
      expect.objectContaining({ body: new Uint8Array(100).fill(199) }),
      expect.objectContaining({ id: 'b' }),
    ]);
    expect(one.engine.standing.position).toBe(1);
    await passTime(place.ambient, one.tasks.count(0));
    expect(one.engine.standing).toEqual(other.engine.standing);
  });
});

async function insert(
  place: Shore,
  { tasks }: Process,
  rows: readonly { readonly id: string; readonly body: Uint8Array | null }[],
): Promise<void> {
  const now = place.ambient.clock.now();
  await passTime(
    place.ambient,
    tasks.insert(
      rows.map(({ id, body }) => newTask(id, now, { body })),
      now,
    ),
  );
}
