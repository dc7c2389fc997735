import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isOmniQError, type TaskStore } from '@omniq/core/storage';
import { startRedis, type Server } from '@omniq/testkit/servers';
import { claimRequest, openSession, openTasks, persistently, tasksOf } from './stores.ts';

/** What was acknowledged before the server was killed, and what it holds after its return. */
interface Aftermath {
  readonly acknowledged: readonly string[];
  readonly ended: readonly string[];
  readonly kept: ReadonlyMap<string, string>;
  readonly leases: readonly number[];
}

/** Enqueues and works until the server is killed in the middle of it, then starts it again. */
async function killedMidway(server: Server): Promise<Aftermath> {
  const { backend, tasks, now } = await openTasks({ url: server.url });
  await openSession(tasks, 's', now);
  const acknowledged: string[] = [];
  const ended: string[] = [];
  const leases: number[] = [];
  const untilDown = async (step: (n: number) => Promise<void>): Promise<void> => {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one call after the other, until the server is gone
      for (let n = 1; ; n += 1) await step(n);
    } catch (error) {
      if (!isOmniQError(error, 'STORE_UNREACHABLE')) throw error;
    }
  };
  const producing = [0, 1, 2].map((producer) =>
    untilDown(async (n) => {
      const rows = tasksOf(5, now, `${producer}-${n}`);
      await tasks.insert(rows, now);
      acknowledged.push(...rows.map(({ id }) => id));
    }),
  );
  const working = untilDown(async (n) => {
    const claimed = await tasks.claim(claimRequest('s', n, now, 10));
    leases.push(...claimed.map(({ lease }) => lease));
    const set = { state: 'completed', attempt: 1, startedAt: now, finishedAt: now } as const;
    await tasks.update(
      claimed.map(({ id, lease }) => ({ id, guard: { lease }, set })),
      now,
    );
    ended.push(...claimed.map(({ id }) => id));
    if (ended.length >= 1_000) await server.kill();
  });
  await Promise.all([...producing, working]);
  await server.start();
  const kept = await persistently(() => everyTask(tasks));
  await tasks.insert(tasksOf(1, now, 'after', { priority: 1_000 }), now);
  await openSession(tasks, 'later', now);
  leases.push((await tasks.claim(claimRequest('later', 1, now, 1)))[0]?.lease ?? 0);
  await backend.close();
  return { acknowledged, ended, kept, leases };
}

async function everyTask(tasks: TaskStore): Promise<Map<string, string>> {
  const kept = new Map<string, string>();
  let after: string | undefined;
  do {
    // oxlint-disable-next-line no-await-in-loop -- page by page
    const { items, next } = await tasks.list({ limit: 1_000, ...(after === undefined ? {} : { after }) });
    for (const { id, state } of items) kept.set(id, state);
    after = next;
  } while (after !== undefined);
  return kept;
}

describe.each(['always', 'everysec'])('kill -9 with appendfsync %s', (appendfsync) => {
  let server: Server;
  beforeAll(async () => {
    server = await startRedis({ settings: { appendonly: 'yes', appendfsync } });
  });
  afterAll(() => server.stop());

  test('what was acknowledged is there, and leases go on', async () => {
    const { acknowledged, ended, kept, leases } = await killedMidway(server);
    const lost = acknowledged.filter((id) => !kept.has(id));
    const undone = ended.filter((id) => kept.get(id) !== 'completed');
    console.log(
      `appendfsync ${appendfsync}: ${lost.length} of ${acknowledged.length} tasks lost, ${undone.length} ends`,
    );
    // Without a flush for each, what is lost is the end of the log: whatever is there came before whatever is not.
    if (appendfsync === 'always') expect({ lost, undone }).toEqual({ lost: [], undone: [] });
    else expect(lost.length).toBeLessThan(acknowledged.length / 2);
    expect(leases.at(-1)).toBeGreaterThan(Math.max(...leases.slice(0, -1)));
  });
});
