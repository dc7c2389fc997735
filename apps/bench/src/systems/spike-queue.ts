import { randomUUID } from 'node:crypto';
import type { ClaimedTask, ClaimRequest, NewTask } from '@omniq/core/storage';
import type { StoreSpike } from '../spikes/store-spike.ts';
import { Bell } from './bell.ts';
import { Coalescer } from './coalescer.ts';
import { SwapLoop } from './swap-loop.ts';
import type { Queue } from './system.ts';

const result = Buffer.from('null');
const hourMs = 3_600_000;

/** Drives a spike as the core would: ids minted here, adds coalesced, settle and claim in one swap, results kept. */
export async function spikeQueue(
  store: StoreSpike,
  { batch, lanes }: { batch: number; lanes: number },
): Promise<Queue> {
  const session = randomUUID();
  const requests = Array.from({ length: lanes }, () => 0);
  const bell = new Bell();
  let idle = false;
  const add = async (payloads: readonly string[], over: Partial<NewTask> = {}): Promise<void> => {
    const now = Date.now();
    await store.insert(
      payloads.map((payload) => newTask(payload, now, over)),
      now,
    );
  };
  const loop = new SwapLoop<ClaimedTask>({
    swap: async (held, lane) => {
      const now = Date.now();
      const changes = held.map(({ id, lease }) => {
        return { id, guard: { lease }, set: { state: 'completed', finishedAt: now, attempt: 1 }, result } as const;
      });
      const request = (requests[lane] = (requests[lane] ?? 0) + 1);
      const ask: ClaimRequest = { session, lane, request, queues: ['default'], limit: batch, start: batch, now };
      const { claimed } = await store.swap(changes, ask);
      if (claimed.length > 0) idle = false;
      return claimed;
    },
    idle: async () => {
      if (idle) return bell.wait().then(() => void (idle = false));
      await store.idle(); // Then one more look, since a task may have come just before.
      idle = true;
    },
  });
  const adds = new Coalescer(add, { lanes: 2, largest: 500 });
  let unlisten: (() => Promise<void>) | undefined;
  return {
    enqueue: (payload) => adds.add(payload),
    enqueueMany: async (payloads) => {
      for (let from = 0; from < payloads.length; from += 1000) await add(payloads.slice(from, from + 1000));
    },
    enqueueDelayed: (payloads) => add(payloads, { priority: 1000, runAt: Date.now() + hourMs }),
    work: async (handler) => {
      await store.open({ id: session, host: 'bench', pid: process.pid, processStart: '0' }, Date.now());
      unlisten = await store.listen(() => bell.ring());
      loop.start(lanes, ({ body }) => handler(Buffer.from(body ?? []).toString('utf8')));
    },
    left: () => store.left(Date.now()),
    close: async () => {
      bell.ring();
      await loop.stop();
      await unlisten?.();
      await store.close();
    },
  };
}

let minted = 0;
const mint = randomUUID().slice(0, 13);

function newTask(payload: string, now: number, over: Partial<NewTask>): NewTask {
  minted += 1;
  const id = `${now.toString(16).padStart(12, '0')}-${mint}-${minted.toString(16).padStart(8, '0')}`;
  const times = { runAt: now, expiresAt: null, admitBy: now + 15 * 60_000, holdMs: hourMs };
  const keys = { unique: null, orderKey: null, limitKey: null, parents: [], spec: null };
  return { id, queue: 'default', name: 'noop', priority: 0, ...times, ...keys, body: Buffer.from(payload), ...over };
}
