import assert from 'node:assert/strict';
import type { ConformanceCase } from './case.ts';
import { abilityCase } from './task-case.ts';

export const watchCases: readonly ConformanceCase[] = [
  abilityCase(
    'watch',
    'watch',
    'listeners are woken when a task may be claimable, until they stop listening',
    async (stage) => {
      const session = await stage.session();
      let [woken, others] = [0, 0];
      const stop = stage.tasks.watch?.(() => (woken += 1));
      stage.tasks.watch?.(() => (others += 1));
      const expectWake = async (what: string, work: () => Promise<unknown>): Promise<void> => {
        const before = woken;
        await work();
        await until(() => woken > before, what);
      };
      await expectWake('an insert', () => stage.insert({}));
      const [task] = await stage.claim(session);
      const { id, lease } = task ?? { id: '', lease: 0 };
      await expectWake('a retry', () =>
        stage.apply({ id, guard: { lease }, set: { state: 'waiting', runAt: stage.now } }),
      );
      const child = await stage.insertOne({ parents: [{ id, policy: 'run' }] });
      const [again] = await stage.claim(session);
      await expectWake('an end', () => stage.finish(again ?? { id, lease }));
      await expectWake('a release', () => stage.apply({ id: child, guard: { edge: id }, set: {} }));
      await stage.tasks.configure('default', { paused: true });
      await expectWake('a resume', () => stage.tasks.configure('default', { paused: false }));
      const [before, othersBefore] = [woken, others];
      stop?.();
      await stage.insert({});
      await until(() => others > othersBefore, 'the other listener');
      assert.equal(woken, before, 'a listener that stopped hears nothing');
    },
  ),

  abilityCase('watch', 'watch', 'a listener on another connection is woken', async (stage) => {
    const [, other] = await stage.rivals(2);
    let woken = 0;
    other?.watch?.(() => (woken += 1));
    await stage.insert({});
    await until(() => woken > 0, 'an insert elsewhere');
  }),
];

/** Lets the event loop turn until it is so; a wake may be late, but not for ever. */
async function until(isSo: () => boolean, what: string): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while (!isSo()) {
    assert.ok(performance.now() < giveUpAt, `${what} wakes a listener`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
