import { isOmniQError, type SharedLog } from '@omniq/core/storage';
import { virtualAmbient } from '@omniq/testkit';
import { runLogConformance } from '@omniq/testkit/log';
import { describe, expect, test } from 'vitest';
import { FaultyLog, type Faults } from './faulty-log.ts';
import { freshMemoryLog } from './fresh-memory-log.ts';
import { openMemoryLog, SharedMemory, type MemoryLogOptions } from './memory-log.ts';
import { passTime } from './pass-time.ts';
import { seeded } from './seeded.ts';

const kinds: readonly MemoryLogOptions[] = [
  { numberedBy: 'log', clock: null },
  { numberedBy: 'writers', clock: null },
];
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe.each(kinds)('of a log numbered by $numberedBy', (options) => {
  const plain = (memory: SharedMemory): Promise<SharedLog> => openMemoryLog(memory, options);
  const contents = async (memory: SharedMemory): Promise<string[]> =>
    (await (await plain(memory)).read(0, 10_000)).map(({ bytes }) => new TextDecoder().decode(bytes));

  test('delays, partial reads and false wakes are within the contract', async () => {
    const ambient = virtualAmbient(0, seeded(3));
    const tallies: FaultyLog['tally'][] = [];
    const open = freshMemoryLog(options, (log) => {
      const faulty = new FaultyLog(log, ambient, { delayMs: 30, partialRead: 0.3, falseWake: 0.3 });
      tallies.push(faulty.tally);
      return faulty;
    });
    const { failures } = await passTime(ambient, runLogConformance('slow', open));
    expect(failures).toEqual([]);
    expect(tallies.some(({ partialRead }) => partialRead > 0)).toBe(true);
    expect(tallies.some(({ falseWake }) => falseWake > 0)).toBe(true);
  });

  test('who reads after each unknown outcome gets every entry in once', async () => {
    const { memory, tally } = await contend(options, 5);
    const wanted = Array.from({ length: 4 }, (_, writer) => Array.from({ length: 50 }, (_, n) => `${writer}: ${n}`));
    expect((await contents(memory)).toSorted()).toEqual(wanted.flat().toSorted());
    for (const fault of ['unreachable', 'lostReply', 'partialRead'] as const) expect(tally[fault]).toBeGreaterThan(10);
  });

  test('one seed, one course; another seed, another', async () => {
    const course = async (seed: number): Promise<unknown> => {
      const { memory, tally, took } = await contend(options, seed);
      return [await contents(memory), tally, took];
    };
    const first = await course(8);
    expect(await course(8)).toEqual(first);
    expect(await course(9)).not.toEqual(first);
  });

  test('a request that did not arrive did nothing, one whose reply was lost did all', async () => {
    const memory = new SharedMemory();
    const ambient = virtualAmbient(0, seeded(1));
    const deaf = new FaultyLog(await plain(memory), ambient, { lostReply: 1 });
    const dumb = new FaultyLog(await plain(memory), ambient, { unreachable: 1 });
    await expect(dumb.append(text('no'), 1)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    await expect(deaf.append(text('yes'), 1)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    await expect(deaf.saveSnapshot(1, text('as of 1'))).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(await contents(memory)).toEqual(['yes']);
    expect(memory.snapshots.has(1)).toBe(true);
    deaf.heal();
    expect(await deaf.read(0, 10)).toHaveLength(1);
  });

  test('a request that was given up lands later, beside its repetition', async () => {
    const memory = new SharedMemory();
    const ambient = virtualAmbient(0, seeded(1));
    const log = new FaultyLog(await plain(memory), ambient, { late: 1, lateMs: 1_000 });
    await expect(log.append(text('once'), 1)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(await log.read(0, 10)).toEqual([]);
    log.heal();
    await log.append(text('once'), 1);
    await ambient.advance(1_000);
    expect(await contents(memory)).toEqual(options.numberedBy === 'log' ? ['once', 'once'] : ['once']);
  });

  test('a napping opening does nothing until it is thawed, and then what it was about to do', async () => {
    const memory = new SharedMemory();
    const ambient = virtualAmbient();
    const [napping, other] = [new FaultyLog(await plain(memory), ambient), await plain(memory)];
    let wakes = 0;
    napping.watch(() => (wakes += 1));
    napping.freeze();
    let position: number | null | undefined;
    const appending = napping.append(text('late'), 1).then((answer) => (position = answer));
    await ambient.advance(3_600_000);
    await other.append(text('meanwhile'), 1);
    await ambient.advance(1);
    expect([position, wakes, await contents(memory)]).toEqual([undefined, 0, ['meanwhile']]);
    napping.thaw();
    await appending;
    expect(position).toBe(options.numberedBy === 'log' ? 2 : null);
    expect(wakes).toBeGreaterThan(0);
    expect(await contents(memory)).toEqual(options.numberedBy === 'log' ? ['meanwhile', 'late'] : ['meanwhile']);
  });

  test('a nap may begin between the deed and the reply', async () => {
    const memory = new SharedMemory();
    const ambient = virtualAmbient(0, () => 0.5);
    const log = new FaultyLog(await plain(memory), ambient, { delayMs: 20 });
    let isTold = false;
    const appending = log.append(text('done'), 1).then(() => (isTold = true));
    await ambient.advance(10);
    log.freeze();
    await ambient.advance(3_600_000);
    expect([isTold, await contents(memory)]).toEqual([false, ['done']]);
    log.thaw();
    await passTime(ambient, appending);
  });

  test('closing ends a nap, and what was held up finds the log closed', async () => {
    const log = new FaultyLog(await plain(new SharedMemory()), virtualAmbient());
    log.freeze();
    const [held] = await Promise.allSettled([log.append(text('late'), 1), log.close()]);
    expect(held).toMatchObject({ status: 'rejected', reason: { code: 'STORE_CLOSED' } });
  });

  test('a wake that is under way does not reach who stopped', async () => {
    const memory = new SharedMemory();
    const ambient = virtualAmbient(0, () => 0.5);
    const log = new FaultyLog(await plain(memory), ambient, { delayMs: 20 });
    let [stopped, woken] = [0, 0];
    const stop = log.watch(() => (stopped += 1));
    log.watch(() => (woken += 1));
    await (await plain(memory)).append(text('heard'), 1);
    await ambient.advance(5);
    stop();
    await ambient.advance(20);
    expect([stopped, woken]).toEqual([0, 1]);
  });

  test('wakes may be lost', async () => {
    const memory = new SharedMemory();
    const ambient = virtualAmbient(0, seeded(2));
    const log = new FaultyLog(await plain(memory), ambient, { lostWake: 1 });
    let wakes = 0;
    log.watch(() => (wakes += 1));
    await log.append(text('unheard'), 1);
    await ambient.advance(10);
    expect([wakes, log.tally.lostWake]).toEqual([0, 1]);
    log.heal();
    await log.append(text('heard'), 2);
    await ambient.advance(10);
    expect(wakes).toBe(1);
  });
});

/** Four writers append fifty entries each through bad openings, as a caller has to. */
async function contend(
  options: MemoryLogOptions,
  seed: number,
): Promise<{ memory: SharedMemory; tally: FaultyLog['tally']; took: number }> {
  const memory = new SharedMemory();
  const ambient = virtualAmbient(0, seeded(seed));
  const faults: Partial<Faults> = { unreachable: 0.1, lostReply: 0.1, partialRead: 0.5, delayMs: 10 };
  const tally: FaultyLog['tally'] = new FaultyLog(await openMemoryLog(memory, options), ambient).tally;
  const write = async (writer: number): Promise<void> => {
    const log = new FaultyLog(await openMemoryLog(memory, options), ambient, faults);
    let head = 0;
    for (let n = 0; n < 50; n += 1) head = await appendOnce(log, `${writer}: ${n}`, head);
    for (const fault of Object.keys(tally) as (keyof typeof tally)[]) tally[fault] += log.tally[fault];
  };
  await passTime(ambient, Promise.all([0, 1, 2, 3].map(write)));
  return { memory, tally, took: ambient.clock.monotonic() };
}

/** Returns the position up to which the log is known afterwards. */
async function appendOnce(log: SharedLog, content: string, known: number): Promise<number> {
  let head = known;
  for (;;) {
    const position = await log.append(text(content), head + 1).catch(unknownOutcome);
    if (typeof position === 'number') return head;
    for (;;) {
      const entries = await log.read(head, 5).catch(unknownOutcome);
      if (entries === undefined) continue;
      if (entries.some(({ bytes }) => new TextDecoder().decode(bytes) === content)) return head;
      if (entries.length === 0) break;
      head = entries.at(-1)?.position ?? head;
    }
  }
}

function unknownOutcome(error: unknown): undefined {
  if (!isOmniQError(error, 'STORE_UNREACHABLE')) throw error;
}
