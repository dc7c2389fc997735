import assert from 'node:assert/strict';
import { text } from '../storage/rows.ts';
import { logCase, type LogCase } from './log-case.ts';

export const watchCases: readonly LogCase[] = [
  logCase('watch', 'an append wakes those who watch other openings, until they stop', async (stage) => {
    const other = await stage.again();
    let [stopped, woken] = [0, 0];
    const stop = other.watch(() => (stopped += 1));
    const stopOther = other.watch(() => (woken += 1));
    const { wakes = true } = stage.log.capabilities;
    await stage.append();
    if (wakes) await until(() => stopped > 0 && woken > 0);
    stop();
    const [stoppedBefore, wokenBefore] = [stopped, woken];
    await stage.append();
    if (wakes) await until(() => woken > wokenBefore);
    assert.equal(stopped, stoppedBefore, 'who stopped hears nothing');
    stopOther();
    await stage.reads(other);
  }),

  logCase('watch', 'who is woken can read what it was', async (stage) => {
    if (stage.log.capabilities.wakes === false) return 'absent';
    const other = await stage.again();
    let known = 0;
    const read = async (): Promise<void> => {
      known = (await other.read(known, 100)).at(-1)?.position ?? known;
    };
    let reading = Promise.resolve();
    const stop = other.watch(() => {
      reading = reading.then(read);
    });
    for (let n = 0; n < 5; n += 1) {
      await stage.append();
      await until(() => known === stage.head);
    }
    stop();
    await reading;
  }),

  logCase('watch', 'nobody is woken on an opening that was closed', async (stage) => {
    if (stage.log.capabilities.wakes === false) return 'absent';
    const [closing, open] = [await stage.again(), await stage.again()];
    let [late, woken] = [0, 0];
    closing.watch(() => (late += 1));
    const stop = open.watch(() => (woken += 1));
    await closing.close();
    const before = late;
    await stage.append(text('after the close'));
    await until(() => woken > 0);
    assert.equal(late, before);
    stop();
  }),
];

/** Lets the event loop turn until it is so; a wake may be late, but not for ever. */
async function until(isSo: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while (!isSo()) {
    assert.ok(performance.now() < giveUpAt, 'an append wakes who watches, within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
