import { randomUUID } from 'node:crypto';
import { OmniQError, type ResultStore, type TaskStore } from '@omniq/core/storage';

/** After so long a probe that could not be cleaned up is over for everybody. */
const LIFE_MS = 60_000;

/**
 * Takes one task through its life in a queue of its own: write, read, claim, complete, read the result, forget. Leaves
 * nothing behind, and no worker can meet the task.
 * @throws OmniQError `STORE_*`, also if the store answers something else than was written
 */
export async function roundTrip(tasks: TaskStore, results: ResultStore, now: number): Promise<void> {
  const id = `omniq.doctor.${randomUUID()}`;
  const body = new TextEncoder().encode(id);
  try {
    const [inserted] = await tasks.insert([probe(id, body, now)], now);
    expect(inserted?.status === 'inserted', 'the task was not inserted');
    const [stored] = await tasks.get([id]);
    expect(sameBytes(stored?.body, body), 'the task does not read as it was written');
    const lease = await claim(tasks, id, now);
    await complete(tasks, results, id, lease, body, now);
  } finally {
    await forget(tasks, id, now).catch(() => {});
  }
}

function probe(id: string, body: Uint8Array, now: number): Parameters<TaskStore['insert']>[0][number] {
  const none = { unique: null, orderKey: null, limitKey: null, parents: [], spec: null } as const;
  const times = { runAt: now, expiresAt: now + LIFE_MS, admitBy: now + LIFE_MS, holdMs: LIFE_MS };
  return { id, queue: id, name: 'omniq.doctor', priority: 0, ...times, ...none, body };
}

/** Claims under a session of its own, which it ends. The task stays leased. */
async function claim(tasks: TaskStore, id: string, now: number): Promise<number> {
  // A host that no worker has: nobody looks for this process in its own table.
  const session = { id, host: 'omniq.doctor', pid: process.pid, processStart: '0' };
  await tasks.open(session, now);
  try {
    const request = { session: id, lane: 0, request: 1, queues: [id], limit: 2, start: 2, now };
    const claimed = await tasks.claim(request);
    const [first] = claimed;
    expect(claimed.length === 1 && first?.id === id, 'the task was not claimed');
    return first?.lease ?? 0;
  } finally {
    await tasks.end(id);
  }
}

async function complete(
  tasks: TaskStore,
  results: ResultStore,
  id: string,
  lease: number,
  value: Uint8Array,
  now: number,
): Promise<void> {
  const together = tasks.capabilities.results ? { result: value, resultExpiresAt: null } : {};
  await results.put(tasks.capabilities.results ? [] : [{ id, lease, value, expiresAt: now + LIFE_MS }]);
  const set = { state: 'completed', finishedAt: now, attempt: 1 } as const;
  const [outcome] = await tasks.update([{ id, guard: { lease }, set, ...together }], now);
  expect(outcome?.status === 'applied', 'the end of the task was not taken');
  const [result] = await results.get([{ id, lease }], now);
  expect(sameBytes(result, value), 'the result does not read as it was written');
  if (!tasks.capabilities.results) await results.remove([{ id }]);
}

/** Also a probe that was stopped half way. */
async function forget(tasks: TaskStore, id: string, now: number): Promise<void> {
  const guard = { states: ['waiting', 'running'] } as const;
  await tasks.update([{ id, guard, set: { state: 'cancelled', finishedAt: now } }], now);
  await tasks.remove([id], now + LIFE_MS);
}

function sameBytes(stored: Uint8Array | null | undefined, written: Uint8Array): boolean {
  return stored !== undefined && stored !== null && Buffer.compare(stored, written) === 0;
}

function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new OmniQError('STORE_FAILED', `The store answers, but ${otherwise}.`);
}
