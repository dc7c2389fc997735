import { parseArgs } from 'node:util';
import { newSession, newTask } from '@omniq/testkit/storage';
import memory from '../src/index.ts';

/**
 * Inserts `--tasks` in batches, then drains them: swap 500 completions and 500 claims at a time, until none is left.
 * Ids are made and payloads allocated within the times; 1,000 tasks more run before as a warm-up.
 */
const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '100000' },
    waiting: { type: 'string', default: '0' },
    batch: { type: 'string', default: '500' },
  },
});
const [count, waiting, batch] = [Number(values.tasks), Number(values.waiting), Number(values.batch)];

await round(Math.min(count, 20_000), 0);
const { inserted, drained } = await round(count, waiting);
console.log(
  `${count} tasks before ${waiting} others: insert ${rate(count, inserted)}/s, drain ${rate(count, drained)}/s`,
);

function rate(tasks: number, ms: number): string {
  return Math.round((tasks / ms) * 1_000).toLocaleString('en');
}

async function round(wanted: number, behind: number): Promise<{ inserted: number; drained: number }> {
  const backend = await memory.open('memory:', {});
  const { tasks } = backend;
  if (tasks?.swap === undefined) throw new Error('the memory store swaps');
  const now = Date.now();
  await tasks.open(newSession('bench'), now);
  for (let at = 0; at < behind; at += 1_000) {
    await tasks.insert(
      Array.from({ length: 1_000 }, (_, n) => newTask({ id: `behind-${at + n}`, runAt: now + 1, priority: -1 })),
      now,
    );
  }
  const start = performance.now();
  for (let at = 0; at < wanted; at += batch) {
    const rows = Array.from({ length: Math.min(batch, wanted - at) }, (_, n) => {
      return newTask({ id: `task-${at + n}`, runAt: now, body: new Uint8Array(64) });
    });
    await tasks.insert(rows, now);
  }
  const inserted = performance.now() - start;
  const claim = { session: 'bench', lane: 0, queues: ['default'], limit: batch, start: batch, now: now + 2 };
  let running = await tasks.claim({ ...claim, request: 1 });
  let done = 0;
  for (let request = 2; done < wanted; request += 1) {
    done += running.length;
    const changes = running.map(({ id, lease, attempt }) => ({
      id,
      guard: { lease },
      set: { state: 'completed' as const, finishedAt: now, attempt: attempt + 1 },
      result: new Uint8Array(16),
    }));
    const { outcomes, claimed } = await tasks.swap(changes, { ...claim, request });
    if (!outcomes.every(({ status }) => status === 'applied')) throw new Error('a settle was refused');
    running = claimed;
  }
  const drained = performance.now() - start - inserted;
  await backend.close();
  return { inserted, drained };
}
