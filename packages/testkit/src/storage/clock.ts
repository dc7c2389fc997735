import assert from 'node:assert/strict';
import { rejectsWith } from './abilities.ts';
import type { ConformanceCase } from './case.ts';
import { HOUR, MINUTE, SECOND } from './stage.ts';
import { abilityCase } from './task-case.ts';

export const clockCases: readonly ConformanceCase[] = [
  abilityCase('clock', 'clock', 'the clock moves forwards, in epoch ms', async ({ tasks }) => {
    const [first, second] = [await tasks.time?.(), await tasks.time?.()];
    assert.ok(first !== undefined && second !== undefined && first > 1_600_000_000_000 && first < 10_000_000_000_000);
    assert.ok(second >= first);
  }),

  abilityCase(
    'clock',
    'clock',
    'a caller whose clock is more than a second ahead is refused, and changes nothing',
    async (stage) => {
      const session = await stage.session();
      const task = await stage.running(session);
      const row = stage.task();
      const ahead = ((await stage.tasks.time?.()) ?? 0) + MINUTE;
      await rejectsWith('CLOCK_SKEW', () => stage.tasks.insert([row], ahead));
      await rejectsWith('CLOCK_SKEW', () => stage.tasks.claim(stage.request(session, { now: ahead })));
      await rejectsWith('CLOCK_SKEW', () =>
        stage.tasks.update([{ id: task.id, guard: { lease: task.lease }, set: { state: 'failed' } }], ahead),
      );
      assert.deepEqual(await stage.tasks.get([row.id]), [undefined]);
      assert.equal((await stage.row(task.id)).state, 'running');
    },
  ),

  abilityCase('clock', 'clock', 'a caller whose clock is right, or behind, is served', async (stage) => {
    const time = (await stage.tasks.time?.()) ?? 0;
    for (const now of [time, time - HOUR, time - 40 * HOUR]) {
      const row = stage.task({ runAt: now - SECOND, admitBy: time + MINUTE });
      assert.equal((await stage.tasks.insert([row], now))[0]?.status, 'inserted');
    }
  }),

  abilityCase('clock', 'clock', 'a row that was held up is late by the clock of the store', async (stage) => {
    const time = (await stage.tasks.time?.()) ?? 0;
    const row = stage.task({ admitBy: time - SECOND });
    assert.deepEqual(await stage.tasks.insert([row], time - HOUR), [{ status: 'late' }]);
    assert.deepEqual(await stage.tasks.get([row.id]), [undefined]);
  }),
];
