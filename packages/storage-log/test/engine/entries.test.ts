import { describe, expect, test } from 'vitest';
import { packCommand, packEntry, unpackEntry } from '../../src/wire/entry.ts';
import { passTime } from '../log/pass-time.ts';
import { newTask, shore, type Process, type Shore } from './harness.ts';

const packing = { putAside: () => expect.fail('nothing is large'), isHeld: () => false };
const noise = [new Uint8Array(), Uint8Array.of(1), Uint8Array.from({ length: 200 }, (_, at) => (at * 37) % 256)];

describe('entries that somebody else put into the log', () => {
  test.each(noise.map((bytes) => [bytes.length, bytes] as const))(
    '%i bytes of noise are passed over',
    async (_, bytes) => {
      const place = shore();
      const [one, other] = [place.process(), place.process()];
      await insert(place, one, 'a');
      place.memory.put(place.memory.head + 1, bytes, null);
      await insert(place, other, 'b');
      await insert(place, one, 'c');
      expect(await passTime(place.ambient, other.tasks.get(['a', 'b', 'c']))).toEqual([
        expect.objectContaining({ id: 'a' }),
        expect.objectContaining({ id: 'b' }),
        expect.objectContaining({ id: 'c' }),
      ]);
      expect(one.engine.standing).toEqual(other.engine.standing);
    },
  );

  test('a command with fields that are none is refused by every replica, and the others of its entry are not', async () => {
    const place = shore();
    const [one, other] = [place.process(), place.process()];
    await insert(place, one, 'a');
    const now = place.ambient.clock.now();
    const commands = [
      { verb: 'insert', now: 'soon', rows: [newTask('x', now)] },
      { verb: 'drop', everything: true },
      { verb: 'insert', now, rows: [newTask('b', now)] },
    ];
    const header = { writer: 'w', request: 1, at: now, base: 0, digest: 0, knows: 1, activate: 0, mark: null };
    const packed = commands.map((command) => packCommand(command as never, packing));
    place.memory.put(place.memory.head + 1, packEntry(header, packed), null);
    expect(await passTime(place.ambient, one.tasks.get(['x', 'b']))).toEqual([
      undefined,
      expect.objectContaining({ id: 'b' }),
    ]);
    await insert(place, other, 'c');
    await passTime(place.ambient, one.tasks.count(0));
    expect(one.engine.standing).toEqual(other.engine.standing);
  });

  test('the same entry twice counts once', async () => {
    const place = shore();
    const one = place.process();
    await insert(place, one, 'a');
    await passTime(place.ambient, one.tasks.open({ id: 's', host: 'h', pid: 1, processStart: '1' }, 0));
    const entry = place.memory.entries.get(place.memory.head);
    await passTime(place.ambient, one.tasks.beat('s', 1));
    for (const position of [place.memory.head + 1, place.memory.head + 2]) {
      const beat = place.memory.entries.get(place.memory.head);
      place.memory.put(position, (beat ?? entry)?.bytes as Uint8Array, null);
    }
    expect(await passTime(place.ambient, one.tasks.sessions())).toEqual([
      expect.objectContaining({ id: 's', beats: 1 }),
    ]);
  });

  test('an entry that comes a quarter of an hour late is void', async () => {
    const place = shore();
    const one = place.process();
    const now = place.ambient.clock.now();
    const header = { writer: 'w', request: 1, at: now, base: 0, digest: 0, knows: 1, activate: 0, mark: null };
    const insertX = packCommand({ verb: 'insert', now, rows: [newTask('x', now)] }, packing);
    await place.ambient.advance(15 * 60_000 + 1_000);
    await insert(place, one, 'a');
    place.memory.put(place.memory.head + 1, packEntry(header, [insertX]), null);
    expect(await passTime(place.ambient, one.tasks.get(['x']))).toEqual([undefined]);
  });

  test('a replica that came to another state than the writer of an entry stops, and says so', async () => {
    const place = shore();
    const [one, other] = [place.process(), place.process()];
    await insert(place, one, 'a');
    await insert(place, other, 'b');
    const last = place.memory.entries.get(place.memory.head)?.bytes as Uint8Array;
    const { commands: _commands, ...header } = unpackEntry(last);
    const strange = { ...header, request: header.request + 1, base: 1, digest: header.digest ^ 1 };
    place.memory.put(place.memory.head + 1, packEntry(strange, []), null);
    await expect(insert(place, one, 'c')).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await expect(passTime(place.ambient, other.tasks.count(0))).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
});

async function insert(place: Shore, { tasks }: Process, id: string): Promise<void> {
  const now = place.ambient.clock.now();
  await passTime(place.ambient, tasks.insert([newTask(id, now)], now));
}
