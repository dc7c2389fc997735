import assert from 'node:assert/strict';
import { rejectsWith } from './abilities.ts';
import type { ConformanceCase } from './case.ts';
import { type Stage } from './stage.ts';
import { taskCase } from './task-case.ts';

function swapCase(title: string, body: (stage: Stage, swap: Swap) => Promise<void>): ConformanceCase {
  return taskCase('swap', title, async (stage) => {
    const { tasks } = stage;
    // Without it the core calls the two verbs: then these are held to the same sentences, but for the single commit.
    const swap: Swap =
      tasks.swap === undefined
        ? async (changes, request) => ({
            outcomes: await tasks.update(changes, request.now),
            claimed: await tasks.claim(request),
          })
        : (changes, request) => (tasks.swap as Swap).call(tasks, changes, request);
    await body(stage, swap);
  });
}

type Swap = NonNullable<Stage['tasks']['swap']>;

export const swapCases: readonly ConformanceCase[] = [
  swapCase('a swap settles and claims as update and claim do', async (stage, swap) => {
    const session = await stage.session();
    const [a, b] = [await stage.running(session), await stage.running(session)];
    const [next, later] = await stage.insert({}, {});
    const { outcomes, claimed } = await swap(
      [
        { id: a.id, guard: { lease: a.lease }, set: { state: 'completed', finishedAt: stage.now } },
        { id: b.id, guard: { lease: b.lease + 9 }, set: { state: 'completed' } },
        { id: 'nobody', guard: { lease: 1 }, set: {} },
      ],
      stage.request(session, { limit: 1, start: 0 }),
    );
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['applied', 'stale', 'missing'],
    );
    assert.deepEqual(
      claimed.map(({ id, startedAt }) => ({ id, startedAt })),
      [{ id: next, startedAt: null }],
    );
    const states = (await stage.tasks.get([a.id, b.id, next as string, later as string])).map((row) => row?.state);
    assert.deepEqual(states, ['completed', 'running', 'running', 'waiting']);
  }),

  swapCase('what a swap sends back, the same swap may claim', async (stage, swap) => {
    const session = await stage.session();
    const task = await stage.running(session);
    const back = { id: task.id, guard: { lease: task.lease }, set: { state: 'waiting', runAt: stage.now } } as const;
    const { claimed } = await swap([back], stage.request(session));
    assert.deepEqual(
      claimed.map(({ id, lease }) => [id, lease > task.lease]),
      [[task.id, true]],
    );
  }),

  swapCase('a swap of an ended session is refused and changes nothing', async (stage, swap) => {
    if (stage.tasks.swap === undefined) return;
    const session = await stage.session();
    const task = await stage.running(session);
    await stage.insert({});
    await stage.tasks.end(session);
    const change = { id: task.id, guard: { lease: task.lease }, set: { state: 'completed' } } as const;
    await rejectsWith('SESSION_ENDED', () => swap([change], stage.request(session)));
    assert.equal((await stage.row(task.id)).state, 'running', 'the change is not applied');
    assert.equal((await stage.change(change)).status, 'applied', 'and can be applied by itself');
  }),

  swapCase('a repeated swap claims the same tasks and settles nothing twice', async (stage, swap) => {
    const session = await stage.session();
    const task = await stage.running(session);
    await stage.insert({}, {});
    const change = {
      id: task.id,
      guard: { lease: task.lease },
      set: { state: 'completed' },
      record: new Uint8Array(1),
    } as const;
    const request = stage.request(session, { limit: 1 });
    const first = await swap([change], request);
    const again = await swap([change], request);
    assert.equal(again.outcomes[0]?.status, 'stale');
    assert.deepEqual(again.claimed, first.claimed);
    assert.equal((await stage.tasks.history(task.id)).length, 1);
  }),
];
