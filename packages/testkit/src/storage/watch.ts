import assert from 'node:assert/strict';
import type { Awaited, ClaimedTask, TaskStore } from '@omniq/core/storage';
import type { ConformanceCase } from './case.ts';
import type { Stage } from './stage.ts';
import { abilityCase } from './task-case.ts';

export const watchCases: readonly ConformanceCase[] = [
  abilityCase(
    'watch',
    'watch',
    'who found no task is woken when one may be claimable, until it stops listening',
    async (stage) => {
      const session = await stage.session();
      const [heard, others] = [hearing(stage.tasks, 'claimable'), hearing(stage.tasks, 'claimable')];
      const expectWake = async (what: string, work: () => Promise<unknown>): Promise<void> => {
        await claimAll(stage, session);
        const before = heard.count;
        await work();
        await until(() => heard.count > before, what);
      };
      await warmUp(heard, async () => {
        await claimAll(stage, session);
        await stage.insert({});
      });
      await expectWake('an insert', () => stage.insert({}));
      const [task] = await claimAll(stage, session);
      const { id, lease } = task ?? { id: '', lease: 0 };
      await expectWake('a retry', () =>
        stage.apply({ id, guard: { lease }, set: { state: 'waiting', runAt: stage.now } }),
      );
      const child = await stage.insertOne({ parents: [{ id, policy: 'run' }] });
      const [again] = await claimAll(stage, session);
      await stage.finish(again ?? { id, lease });
      await expectWake('a release', () => stage.apply({ id: child, guard: { edge: id }, set: {} }));
      await stage.tasks.configure('default', { paused: true });
      await stage.insert({});
      await expectWake('a resume', () => stage.tasks.configure('default', { paused: false }));
      heard.stop();
      await claimAll(stage, session);
      const [before, othersBefore] = [heard.count, others.count];
      await stage.insert({});
      await until(() => others.count > othersBefore, 'the other listener');
      assert.equal(heard.count, before, 'a listener that stopped hears nothing');
    },
  ),

  abilityCase('watch', 'watch', 'who waits for an end is woken when a task may have ended', async (stage) => {
    const session = await stage.session();
    const heard = hearing(stage.tasks, 'ended');
    const end = async (): Promise<void> => void (await stage.finish(await stage.running(session)));
    await warmUp(heard, end);
    const before = heard.count;
    await end();
    await until(() => heard.count > before, 'an end');
    const waiting = await stage.insertOne({});
    const beforeCancel = heard.count;
    await stage.apply({ id: waiting, guard: { states: ['waiting'] }, set: { state: 'cancelled' } });
    await until(() => heard.count > beforeCancel, 'a cancel');
  }),

  abilityCase(
    'watch',
    'watch',
    'a listener on another connection is woken, whatever its other queues',
    async (stage) => {
      const [, other] = await stage.rivals(2);
      assert.ok(other !== undefined);
      const session = await stage.session();
      const heard = hearing(other, 'claimable');
      let request = 0;
      const queues = ['default', 'empty'];
      const claimInVain = async (): Promise<void> => {
        let claimed: readonly ClaimedTask[] = [];
        do {
          request += 1;
          claimed = await other.claim({ session, lane: 7, request, queues, limit: 9, start: 9, now: stage.now });
        } while (claimed.length > 0);
      };
      await warmUp(heard, async () => {
        await claimInVain();
        await stage.insert({});
      });
      await claimInVain();
      const before = heard.count;
      await stage.insert({});
      await until(() => heard.count > before, 'an insert elsewhere');
    },
  ),
];

interface Hearing {
  count: number;
  stop(): void;
}

function hearing(tasks: TaskStore, awaited: Awaited): Hearing {
  const heard: Hearing = { count: 0, stop: () => {} };
  const stop = tasks.watch?.(() => (heard.count += 1), awaited);
  return Object.assign(heard, { stop: () => stop?.() });
}

async function claimAll(stage: Stage, session: string): Promise<readonly ClaimedTask[]> {
  const all: ClaimedTask[] = [];
  for (;;) {
    const claimed = await stage.claim(session);
    if (claimed.length === 0) return all;
    all.push(...claimed);
  }
}

/** Nobody has to hear what comes while a connection to listen with is still being made. */
async function warmUp(heard: Hearing, work: () => Promise<void>): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while (heard.count === 0) {
    assert.ok(performance.now() < giveUpAt, 'a listener is woken at last');
    await work();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Lets the event loop turn until it is so; a wake may be late, but not for ever. */
async function until(isSo: () => boolean, what: string): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while (!isSo()) {
    assert.ok(performance.now() < giveUpAt, `${what} wakes a listener`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
