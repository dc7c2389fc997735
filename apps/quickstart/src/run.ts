import { createHash } from 'node:crypto';
import { isOmniQError, type OmniQ, type Task, type TaskFilter, type TaskHandle } from '@omniq/omniq';
import { chunks, unpackManifest } from './manifest.ts';
import type { Options } from './options.ts';
import type { Summary } from './summary.ts';
import { gather, index, scan, summary } from './tasks.ts';

/** One pass over one folder. Everything about it follows from its name, so that any process can go on with it. */
export interface Run {
  /** The queue of its tasks, and how their ids begin. */
  readonly name: string;
  /** `begun`: an earlier process left it unfinished. */
  readonly state: 'new' | 'begun' | 'finished';
  /** Earlier passes over the same folder. */
  readonly older: readonly string[];
}

/** Batches that one gather task joins: few enough that a task with parents stays small, however many files there are. */
const GATHERED = 50;

/** The newest run of the folder, or the next one if there is none or a fresh one is wanted. */
export async function findRun(omniq: OmniQ, { folder, fresh }: Options): Promise<Run> {
  const prefix = `quickstart-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}-`;
  const queues = (await omniq.queues.list()).map(({ name }) => name).filter((name) => name.startsWith(prefix));
  const newest = Math.max(0, ...queues.map((name) => Number(name.slice(prefix.length))));
  if (newest === 0 || fresh) return { name: `${prefix}${newest + 1}`, state: 'new', older: queues };
  const name = `${prefix}${newest}`;
  const last = await omniq.tasks.get(`${name}/summary`);
  return {
    name,
    state: last?.state === 'completed' ? 'finished' : 'begun',
    older: queues.filter((queue) => queue !== name),
  };
}

/**
 * Enqueues whatever the run still lacks. An id that is there already is left alone, so this can be killed anywhere and
 * called again: the scan's result fixes the batches, and the summary comes last, so with it everything is there.
 */
export async function enqueueRun(omniq: OmniQ, run: Run, options: Options): Promise<TaskHandle<Summary>> {
  const queue = run.name;
  // A task that failed holds back those that wait for it, until it is sent back and completes.
  const waiting = { queue, onParentFailure: 'hold' } as const;
  const last = `${queue}/summary`;
  if ((await omniq.tasks.get(last)) !== undefined) return omniq.handle<Summary>(last);

  const { folder, batch, own } = options;
  const scanned = await omniq.enqueue(scan, { folder, batch, own }, { queue, id: `${queue}/scan` });
  const { batches } = await unpackManifest(await scanned.result());
  const gathers: string[] = [];
  for (const group of chunks(batches, GATHERED)) {
    const first = gathers.length * GATHERED;
    const ids = group.map((_, n) => `${queue}/index-${first + n}`);
    const id = `${queue}/gather-${gathers.length}`;
    gathers.push(id);
    await omniq.enqueueMany([
      ...group.map((paths, n) => [index, { folder, paths }, { queue, id: ids[n] as string }] as const),
      [gather, undefined, { ...waiting, id, dependsOn: ids }],
    ]);
  }
  return omniq.enqueue(summary, undefined, { ...waiting, id: last, dependsOn: [scanned.id, ...gathers] });
}

/** Tasks that failed for good are tried once more, as somebody gave the command again. Returns how many. */
export async function retryFailed(omniq: OmniQ, run: Run): Promise<number> {
  let count = 0;
  for await (const { id } of tasksOf(omniq, { queue: run.name, state: 'failed' })) {
    await omniq.tasks.redrive(id);
    count += 1;
  }
  return count;
}

/** Cancels and forgets earlier runs. What cannot go yet, as another process is at it, goes the next time. */
export async function forgetOlder(omniq: OmniQ, run: Run): Promise<void> {
  for (const queue of run.older) {
    const ended: string[] = [];
    // Newest first: a task goes before those it waited for.
    for await (const { id, finishedAt } of tasksOf(omniq, { queue, order: 'newest' })) {
      if (finishedAt === null) await omniq.tasks.cancel(id).catch(ignoreConflict);
      ended.push(id);
    }
    for (const ids of chunks(ended, 500)) await omniq.tasks.remove(ids);
  }
}

/** All tasks of a filter, page after page. */
export async function* tasksOf(omniq: OmniQ, filter: TaskFilter): AsyncGenerator<Task> {
  let after: string | undefined;
  do {
    const page = await omniq.tasks.list({ ...filter, limit: 500, ...(after === undefined ? {} : { after }) });
    yield* page.items;
    after = page.next;
  } while (after !== undefined);
}

/** It ended meanwhile. */
function ignoreConflict(error: unknown): void {
  if (!isOmniQError(error, 'CONFLICT')) throw error;
}
