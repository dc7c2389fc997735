// A process of the tests that runs two tasks over three stores, and dies between two writes.
import type { Backend, BackendPlugin } from '@omniq/core/storage';
import { createOmniQ, defineTask, silent } from '../../src/index.ts';

/** A call of a store, and whether the process dies before it is made or after it was answered. */
export interface Gap {
  readonly store: 'tasks' | 'results' | 'events';
  readonly verbs: readonly string[];
  /** The how-manieth such call that has anything to write. */
  readonly nth: number;
  readonly when: 'before' | 'after';
}

export interface Job {
  readonly urls: Readonly<Record<'tasks' | 'results' | 'events', string>>;
  /** Absent: it lives. */
  readonly gap?: Gap;
}

const job = JSON.parse(process.argv[2] ?? '') as Job;

async function open(store: keyof Job['urls']): Promise<Backend> {
  const url = job.urls[store];
  const [scheme = ''] = url.split(':');
  const { default: plugin } = (await import(`@omniq/storage-${scheme}`)) as { default: BackendPlugin };
  const backend = await plugin.open(url, {});
  if (job.gap?.store === store) mine(backend[store] as never, job.gap);
  return backend;
}

function mine(store: Record<string, (...args: unknown[]) => Promise<unknown>>, { verbs, nth, when }: Gap): void {
  let calls = 0;
  for (const verb of verbs) {
    const method = store[verb]?.bind(store);
    if (method === undefined) continue;
    store[verb] = async (...args) => {
      const isMine = !(Array.isArray(args[0]) && args[0].length === 0) && (calls += 1) === nth;
      if (isMine && when === 'before') process.kill(process.pid, 'SIGKILL');
      const answer = await method(...args);
      if (isMine) process.kill(process.pid, 'SIGKILL');
      return answer;
    };
  }
}

const double = defineTask({ name: 'double', run: (n: number) => 2 * n });
const add = defineTask({
  name: 'add',
  run: async (n: number, ctx) => ((await ctx.parents())[0] as number) + n,
});
const [tasks, results, events] = [await open('tasks'), await open('results'), await open('events')];
const omniq = await createOmniQ({ tasks, results, events: events, schedules: tasks, logger: silent });
const parent = await omniq.enqueue(double, 21, { id: 'parent' });
await omniq.enqueue(add, 8, { id: 'child', dependsOn: [parent] });
const worker = await omniq.work({ tasks: [double, add], lease: '2s', limit: 50 });
await omniq.handle('child').result({ timeout: '60s' });
await worker.stop();
await omniq.close();
await Promise.all([tasks.close(), results.close(), events.close()]);
