import { Redis } from 'ioredis';
import { afterAll, expect, test } from 'vitest';
import type { TaskStore } from '@omniq/core/storage';
import { redis } from '@omniq/storage-redis';
import { startRedis } from '@omniq/testkit/servers';
import { claimRequest, openSession, openTasks, tasksOf } from './stores.ts';

const server = await startRedis();
const admin = new Redis(server.url);

afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

async function callsOf(command: string, work: () => Promise<unknown>): Promise<number> {
  await admin.config('RESETSTAT');
  await work();
  const stats = await admin.info('commandstats');
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}

test('an idle worker asks once a poll, however many queues it looks after', async () => {
  const { tasks, backend, now } = await openTasks({ url: server.url, namespace: 'idle' });
  const queues = Array.from({ length: 100 }, (_, n) => `queue ${n}`);
  await tasks.insert(tasksOf(1, now + 60_000, 'later', { queue: 'queue 7' }), now);
  await openSession(tasks, 's', now);
  await tasks.claim({ ...claimRequest('s', 1, now), queues });
  let due: number | null = null;
  const poll = async (): Promise<void> => {
    expect(await tasks.claim({ ...claimRequest('s', 2, now), queues })).toEqual([]);
    due = (await tasks.nextDue?.(queues, now)) ?? null;
  };
  expect(await callsOf('evalsha', poll)).toBe(1);
  expect(due).toBe(now + 60_000);
  await backend.close();
});

test('when to look again is not answered from a claim of some time ago', async () => {
  const { tasks, backend, now } = await openTasks({ url: server.url, namespace: 'hints' });
  const other = (await redis({ url: server.url, namespace: 'hints' })) as { tasks: TaskStore; close(): Promise<void> };
  const queues = ['default'];
  await openSession(tasks, 's', now);
  await tasks.claim({ ...claimRequest('s', 1, now), queues });
  await other.tasks.insert(tasksOf(1, now + 5_000), now);
  expect(await tasks.nextDue?.(queues, now)).toBe(now + 5_000);
  await backend.close();
  await other.close();
});

/** Listens, and claims in vain whenever it is woken, as an idle worker does. */
class IdleWorker {
  readonly #opened: Awaited<ReturnType<typeof openTasks>>;
  readonly #session: string;
  readonly #queues: readonly string[];
  readonly stop: () => void;
  wakes = 0;
  #request = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #heard = Promise.withResolvers<void>();

  constructor(opened: Awaited<ReturnType<typeof openTasks>>, session: string, queues: readonly string[]) {
    this.#opened = opened;
    this.#session = session;
    this.#queues = queues;
    this.stop = opened.tasks.watch?.(() => this.#woken()) ?? (() => {});
  }

  static async start(namespace: string, name: string, queues: readonly string[] = ['default']): Promise<IdleWorker> {
    const opened = await openTasks({ url: server.url, namespace });
    await openSession(opened.tasks, name, opened.now);
    const worker = new IdleWorker(opened, name, queues);
    await worker.woken(1);
    worker.wakes = 0;
    return worker;
  }

  /** When it has been woken so often, and has looked for tasks since. */
  async woken(times: number): Promise<void> {
    while (this.wakes < times) {
      await this.#heard.promise;
    }
    await this.#turn;
  }

  async close(): Promise<void> {
    this.stop();
    await this.#opened.backend.close();
  }

  #woken(): void {
    this.wakes += 1;
    this.#turn = this.#turn.then(() => this.#claim());
    this.#heard.resolve();
    this.#heard = Promise.withResolvers();
  }

  async #claim(): Promise<void> {
    const { tasks, now } = this.#opened;
    for (let claimed = 1; claimed > 0;) {
      this.#request += 1;
      const request = { ...claimRequest(this.#session, this.#request, now), queues: this.#queues };
      claimed = (await tasks.claim(request)).length;
    }
  }
}

test('of idle workers as many are woken as there are tasks, the longest idle first', async () => {
  const { tasks, backend, now } = await openTasks({ url: server.url, namespace: 'few' });
  const workers: IdleWorker[] = [];
  for (const name of ['a', 'b', 'c', 'd']) workers.push(await IdleWorker.start('few', name));
  const wakes = (): number[] => workers.map((worker) => worker.wakes);
  const [first, second, third] = workers as [IdleWorker, IdleWorker, IdleWorker];
  await tasks.insert(tasksOf(1, now, 'one'), now);
  await first.woken(1);
  expect(wakes()).toEqual([1, 0, 0, 0]);
  await tasks.insert(tasksOf(2, now, 'two'), now);
  await Promise.all([second.woken(1), third.woken(1)]);
  expect(wakes()).toEqual([1, 1, 1, 0]);
  await tasks.insert(tasksOf(9, now, 'nine'), now);
  await Promise.all([first.woken(2), second.woken(2), third.woken(2), workers[3]?.woken(1)]);
  expect(wakes()).toEqual([2, 2, 2, 1]);
  await Promise.all([...workers.map((worker) => worker.close()), backend.close()]);
});

test('only who works at the queue is woken, and a worker of many queues leaves nothing behind', async () => {
  const { tasks, backend, now } = await openTasks({ url: server.url, namespace: 'queues' });
  const mails = await IdleWorker.start('queues', 'mails', ['mails']);
  const both = await IdleWorker.start('queues', 'both', ['images', 'mails', 'never used']);
  for (let n = 1; n <= 3; n += 1) {
    await tasks.insert(tasksOf(1, now, `image-${n}`, { queue: 'images' }), now);
    await both.woken(n);
  }
  expect(mails.wakes).toBe(0);
  expect(await admin.zcard('{queues}:idle')).toBe(4);
  expect(await admin.hlen('{queues}:idlers')).toBe(2);
  await Promise.all([mails.close(), both.close(), backend.close()]);
});

test('who was told and has died keeps nobody from hearing', async () => {
  const { tasks, backend, now } = await openTasks({ url: server.url, namespace: 'dead' });
  for (const name of ['dead 1', 'dead 2', 'dead 3']) await (await IdleWorker.start('dead', name)).close();
  const worker = await IdleWorker.start('dead', 'alive');
  let left = -1;
  const gone = async (): Promise<boolean> => {
    const channels = (await admin.pubsub('CHANNELS', '{dead}:wake:*')) as string[];
    left = channels.length;
    return left === 1;
  };
  while (!(await gone()));
  await tasks.insert(tasksOf(1, now), now);
  await worker.woken(1);
  await Promise.all([worker.close(), backend.close()]);
});

test('a listener whose connection was cut is woken when it is back, and hears what comes', async () => {
  const { tasks, backend, now } = await openTasks({ url: server.url, namespace: 'wakes' });
  const worker = await IdleWorker.start('wakes', 'w');
  await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await worker.woken(1);
  await tasks.insert(tasksOf(1, now), now);
  await worker.woken(2);
  await Promise.all([worker.close(), backend.close()]);
});

test('nobody is listened for when the last listener has gone', async () => {
  const { tasks, backend } = await openTasks({ url: server.url, namespace: 'quiet' });
  const channels = async (): Promise<string[]> => (await admin.pubsub('CHANNELS', '{quiet}:*')) as string[];
  let heard = (): void => {};
  const first = new Promise<void>((resolve) => (heard = resolve));
  const stops = [tasks.watch?.(heard), tasks.watch?.(() => {}), tasks.watch?.(() => {}, 'ended')];
  await first;
  while ((await channels()).length < 2);
  stops[2]?.();
  while ((await channels()).length > 1);
  for (const stop of stops) stop?.();
  while ((await channels()).length > 0);
  await backend.close();
});
