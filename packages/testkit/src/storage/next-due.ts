import assert from 'node:assert/strict';
import type { ConformanceCase } from './case.ts';
import { HOUR, MINUTE, type Stage } from './stage.ts';
import { taskCase } from './task-case.ts';

/** A store may leave the verb out: then the core polls, and there is nothing to hold it to. */
function nextDueCase(title: string, body: (stage: Stage, nextDue: NextDue) => Promise<void>): ConformanceCase {
  return taskCase('next due', title, async (stage) => {
    const { tasks } = stage;
    if (tasks.nextDue === undefined) return;
    await body(stage, async (...queues) => (await tasks.nextDue?.(queues, stage.now)) ?? null);
  });
}

type NextDue = (...queues: readonly string[]) => Promise<number | null>;

export const nextDueCases: readonly ConformanceCase[] = [
  nextDueCase('nothing that waits for its time: null', async (stage, nextDue) => {
    assert.equal(await nextDue('default'), null);
    assert.equal(await nextDue(), null);
    await stage.insert({}, { runAt: stage.now - HOUR });
    assert.equal(await nextDue('default', 'unheard-of'), null);
  }),

  nextDueCase('the first of the listed queues that is not due: never late, never now', async (stage, nextDue) => {
    const start = stage.now;
    await stage.insert(
      {},
      { runAt: start + 9 * MINUTE },
      { runAt: start + 5 * MINUTE, priority: -3 },
      { runAt: start + HOUR, priority: 9 },
    );
    await stage.insert({ queue: 'other', runAt: start + MINUTE }, { queue: 'third', runAt: start + 2 * HOUR });
    const between = async (expected: number, ...queues: readonly string[]): Promise<void> => {
      const due = await nextDue(...queues);
      assert.ok(
        due !== null && due > stage.now && due <= expected,
        `${due} is after ${stage.now}, not after ${expected}`,
      );
    };
    await between(start + 5 * MINUTE, 'default');
    await between(start + MINUTE, 'default', 'other');
    await between(start + MINUTE, 'other', 'default');
    await between(start + 2 * HOUR, 'third');
    stage.now += 5 * MINUTE;
    await between(start + 9 * MINUTE, 'default');
    assert.equal(await nextDue('other'), null);
  }),

  nextDueCase('a retry counts from its new runAt', async (stage, nextDue) => {
    const { id, lease } = await stage.running(await stage.session());
    await stage.apply({ id, guard: { lease }, set: { state: 'waiting', runAt: stage.now + MINUTE } });
    const due = await nextDue('default');
    assert.ok(due !== null && due > stage.now && due <= stage.now + MINUTE);
  }),

  nextDueCase('queues that are not listed do not count', async (stage, nextDue) => {
    await stage.insert({ queue: 'near', runAt: stage.now + 1 }, { queue: 'far', runAt: stage.now + HOUR });
    // Early is allowed, but a worker woken at each time of every other queue would never rest.
    assert.equal(await nextDue('far'), stage.now + HOUR);
  }),
];
