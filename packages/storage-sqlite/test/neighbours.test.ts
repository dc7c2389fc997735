import type { Change, ClaimedTask, NewTask, TaskRow, TaskStore } from '@omniq/core/storage';
import { newTask } from '@omniq/testkit/storage';
import { describe, expect, test } from 'vitest';
import { freshFiles } from './folder.ts';
import { claimRequest, openSession, openTasks, tasksOf, type Opened } from './stores.ts';

const fresh = freshFiles();

/** Tasks that lie and were leased side by side: the store writes them by one statement. */
async function claimed(count: number, given: Partial<NewTask> = {}): Promise<Opened & { held: ClaimedTask[] }> {
  const opened = await openTasks(fresh());
  await opened.tasks.insert(tasksOf(count, opened.now, 'task', given), opened.now);
  await openSession(opened.tasks, 'session', opened.now);
  const held = [...(await opened.tasks.claim(claimRequest('session', 1, opened.now)))];
  expect(held).toHaveLength(count);
  return { ...opened, held };
}

function completions(held: readonly ClaimedTask[], finishedAt: number): Change[] {
  return held.map(({ id, lease }) => ({ id, guard: { lease }, set: { attempt: 1, state: 'completed', finishedAt } }));
}

async function statuses(tasks: TaskStore, changes: readonly Change[], now: number): Promise<string[]> {
  return (await tasks.update(changes, now)).map(({ status }) => status);
}

async function rowsOf(tasks: TaskStore, held: readonly ClaimedTask[]): Promise<TaskRow[]> {
  return (await tasks.get(held.map(({ id }) => id))) as TaskRow[];
}

describe('neighbours that end together', () => {
  test('one that lost its lease is refused, and holds up none of the others', async () => {
    const { backend, tasks, now, held } = await claimed(30);
    const [lost] = held.slice(12, 13) as [ClaimedTask];
    const back = { id: lost.id, guard: { lease: lost.lease }, set: { state: 'waiting', runAt: now } } as const;
    await tasks.update([back], now);
    const [again] = await tasks.claim(claimRequest('session', 2, now));
    expect(again?.id).toBe(lost.id);
    const expected = held.map(({ id }) => (id === lost.id ? 'stale' : 'applied'));
    expect(await statuses(tasks, completions(held, now), now)).toEqual(expected);
    const states = (await rowsOf(tasks, held)).map(({ state }) => state);
    expect(states).toEqual(held.map(({ id }) => (id === lost.id ? 'running' : 'completed')));
    await backend.close();
  });

  test('said twice, the second time nothing is written', async () => {
    const { backend, tasks, now, held } = await claimed(30);
    await tasks.update(completions(held, now), now);
    const again = completions(held, now + 500);
    expect(await statuses(tasks, again, now)).toEqual(held.map(() => 'stale'));
    expect((await rowsOf(tasks, held)).every(({ finishedAt }) => finishedAt === now)).toBe(true);
    await backend.close();
  });

  test('the lease of a neighbour is no lease', async () => {
    const { backend, tasks, now, held } = await claimed(10);
    const turned = held.map(({ lease }, index) => ({ ...(held[(index + 1) % 10] as ClaimedTask), lease }));
    expect(await statuses(tasks, completions(turned, now), now)).toEqual(held.map(() => 'stale'));
    expect((await rowsOf(tasks, held)).every(({ state }) => state === 'running')).toBe(true);
    await backend.close();
  });

  test('each gets what was said of it, and keeps its result and record under its lease', async () => {
    const { backend, tasks, now, held } = await claimed(12);
    const bytes = (index: number): Buffer => Buffer.from([index]);
    const changes = completions(held, now).map((change, index): Change => {
      const set = index % 4 === 3 ? ({ state: 'failed', finishedAt: now, reason: 'error' } as const) : change.set;
      return { ...change, set, result: bytes(index), record: bytes(index) };
    });
    expect(await statuses(tasks, changes, now)).toEqual(held.map(() => 'applied'));
    const rows = await rowsOf(tasks, held);
    expect(rows.map(({ state, reason, attempt, deadlineAt }) => [state, reason, attempt, deadlineAt])).toEqual(
      held.map((_, index) => (index % 4 === 3 ? ['failed', 'error', 0, null] : ['completed', null, 1, null])),
    );
    expect(await backend.results?.get(held, now)).toEqual(held.map((_, index) => bytes(index)));
    const [fifth] = held.slice(5) as [ClaimedTask];
    expect(await tasks.history(fifth.id)).toEqual([{ lease: fifth.lease, record: bytes(5) }]);
    await backend.close();
  });

  test('a process that gave out none of the leases settles them all the same', async () => {
    const file = fresh();
    const [one, other] = [await openTasks(file), await openTasks(file)];
    const { now } = one;
    await one.tasks.insert(tasksOf(20, now), now);
    await openSession(one.tasks, 'session', now);
    const held = await one.tasks.claim(claimRequest('session', 1, now));
    expect(await statuses(other.tasks, completions(held, now), now)).toEqual(held.map(() => 'applied'));
    expect(await statuses(one.tasks, completions(held, now), now)).toEqual(held.map(() => 'stale'));
    for (const { backend } of [one, other]) await backend.close();
  });

  test('one that was asked to cancel does not go back to wait, its neighbours do', async () => {
    const { backend, tasks, now, held } = await claimed(8);
    const wish = { id: held[3]?.id ?? '', guard: { states: ['running'] }, set: { cancelRequested: true } } as const;
    await tasks.update([wish], now);
    const back = held.map(({ id, lease }): Change => {
      return { id, guard: { lease, uncancelled: true }, set: { state: 'waiting', runAt: now } };
    });
    const expected = held.map((_, index) => (index === 3 ? 'cancelled' : 'applied'));
    expect(await statuses(tasks, back, now)).toEqual(expected);
    await backend.close();
  });
});

describe('neighbours that are leased together', () => {
  test('each has its own lease and deadline, in claim order, and only the first start', async () => {
    const { backend, tasks, now } = await openTasks(fresh());
    const rows = tasksOf(40, now).map((row, n) => ({ ...row, priority: n % 7 === 0 ? 5 : 0, holdMs: 1_000 + n }));
    await tasks.insert(rows, now);
    await openSession(tasks, 'session', now);
    const held = await tasks.claim({ ...claimRequest('session', 1, now), start: 17 });
    const best = rows.toSorted((a, b) => b.priority - a.priority);
    expect(held.map(({ id }) => id)).toEqual(best.map(({ id }) => id));
    const first = held[0]?.lease ?? 0;
    expect(held.map(({ lease }) => lease)).toEqual(held.map((_, index) => first + index));
    expect(held.map(({ startedAt }) => startedAt)).toEqual(held.map((_, index) => (index < 17 ? now : null)));
    expect(held.map(({ deadlineAt }) => deadlineAt)).toEqual(best.map(({ holdMs }) => now + holdMs));
    const stored = await rowsOf(tasks, held);
    expect(stored).toMatchObject(
      held.map(({ id, lease, startedAt, deadlineAt }) => ({ id, lease, startedAt, deadlineAt, session: 'session' })),
    );
    await backend.close();
  });

  test('those in between that were not asked for, wait on', async () => {
    const { backend, tasks, now } = await openTasks(fresh());
    await tasks.insert(
      tasksOf(30, now).map((row, n) => (n % 3 === 1 ? { ...row, runAt: now + 60_000 } : row)),
      now,
    );
    await openSession(tasks, 'session', now);
    expect(await tasks.claim(claimRequest('session', 1, now))).toHaveLength(20);
    expect(await tasks.count(now)).toEqual([
      { queue: 'default', state: 'scheduled', count: 10 },
      { queue: 'default', state: 'running', count: 20 },
    ]);
    await backend.close();
  });
});

describe('rows that are inserted together', () => {
  test('those that are known are told from those that are new, and keep what they have', async () => {
    const { backend, tasks, now } = await openTasks(fresh());
    const row = (n: number, body: string): NewTask => newTask({ id: `task-${n}`, runAt: now, body: Buffer.from(body) });
    await tasks.insert([row(3, 'old'), row(17, 'old')], now);
    const outcomes = await tasks.insert(
      [...Array.from({ length: 25 }, (_, n) => row(n, 'new')), row(20, 'twice')],
      now,
    );
    const known = outcomes.flatMap(({ status }, index) => (status === 'exists' ? [index] : []));
    expect(known).toEqual([3, 17, 25]);
    const bodies = (await tasks.get(Array.from({ length: 25 }, (_, n) => `task-${n}`))).map((each) =>
      Buffer.from(each?.body ?? []).toString(),
    );
    expect(bodies).toEqual(Array.from({ length: 25 }, (_, n) => (n === 3 || n === 17 ? 'old' : 'new')));
    await backend.close();
  });

  test('one may wait for another that stands before it in the same call', async () => {
    const { backend, tasks, now } = await openTasks(fresh());
    const child = newTask({ id: 'child', runAt: now, parents: [{ id: 'task-4', policy: 'cancel' }] });
    const rows = [...tasksOf(5, now), child, ...tasksOf(15, now, 'after')];
    expect((await tasks.insert(rows, now)).map(({ status }) => status)).toEqual(rows.map(() => 'inserted'));
    expect(await tasks.list({ limit: 50 })).toMatchObject({ items: rows.map(({ id }) => ({ id })) });
    await expect(
      tasks.insert([{ ...child, id: 'early', parents: [{ id: 'none', policy: 'cancel' }] }], now),
    ).rejects.toMatchObject({ code: 'PARENT_UNKNOWN' });
    await backend.close();
  });
});
