import type { Edge, RecordStore, ResultStore, ScheduleStore, StoredSchedule, TaskRow } from '@omniq/core/storage';
import { Broken } from './book.ts';
import { scheduleQueries, taskQueries } from './queries.ts';
import { STRANGE, type Side } from './side.ts';
import { ids, queues, recordKeys, scheduleIds } from './spaces.ts';
import { learn, sorted, tell, type Told } from './told.ts';

interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** All that can be seen of a side at `now`, by what was asked. */
export async function look(side: Side, now: number, shared: readonly string[]): Promise<Record<string, Told>> {
  const seen: Record<string, Told> = {};
  await lookAtTasks(side, now, seen);
  await lookAtTies(side, seen);
  await checkNextDue(side, now);
  if (shared.includes('results')) await lookAtResults(side, now, seen);
  if (shared.includes('schedules')) await lookAtSchedules(side, now, seen);
  if (shared.includes('records')) await lookAtRecords(side, seen);
  return seen;
}

async function lookAtTasks(side: Side, now: number, seen: Record<string, Told>): Promise<void> {
  const tasks = side.tasks();
  const rows = await tasks.get([...ids, ids[0] as string]);
  learn(side, rows);
  seen['get'] = tell(side, rows);
  for (const query of taskQueries(now)) {
    const items = await pages<TaskRow>(query.limit, (after) => tasks.list({ ...query, ...after }));
    seen[`list ${text(query, now)}`] = tell(side, items);
  }
  const counts = (await tasks.count(now)).filter(({ count }) => count > 0);
  seen['count'] = sorted(counts.map((each) => tell(side, each)));
}

/** Edges, what was recorded, sessions and settings. */
async function lookAtTies(side: Side, seen: Record<string, Told>): Promise<void> {
  const tasks = side.tasks();
  const edges = async (query: { readonly parent?: string; readonly child?: string }): Promise<Told> => {
    const items = await pages<Edge>(2, (after) => tasks.edges({ ...query, ...after, limit: 2 }));
    return sorted(items.map((each) => tell(side, each)));
  };
  seen['edges'] = await edges({});
  for (const id of ids) {
    seen[`edges to ${id}`] = await edges({ parent: id });
    seen[`edges of ${id}`] = await edges({ child: id });
    const records = await tasks.history(id);
    seen[`history of ${id}`] = tell(
      side,
      records.map((each) => ({ id, ...each })),
    );
  }
  const sessions = await tasks.sessions();
  learn(side, sessions);
  seen['sessions'] = sorted(sessions.map((each) => tell(side, each)));
  seen['queues'] = sorted((await tasks.queues()).map((each) => tell(side, each)));
}

/** A hint that may be early but not late: what it is is each store's own. @throws Broken */
async function checkNextDue(side: Side, now: number): Promise<void> {
  const tasks = side.tasks();
  if (tasks.nextDue === undefined) return;
  for (const asked of [queues, queues.slice(1)]) {
    const { items } = await tasks.list({ states: ['waiting'], queues: asked, dueAfter: now, limit: 100 });
    const due = items.filter(({ runAt, expiresAt }) => expiresAt === null || expiresAt > runAt);
    const first = Math.min(...due.map(({ runAt }) => runAt));
    const hint = await tasks.nextDue(asked, now);
    if (due.length > 0 && (hint === null || hint > first))
      throw new Broken(`nextDue of ${asked.join(', ')} says ${hint}, but a task is due at ${first}.`);
  }
}

async function lookAtResults(side: Side, now: number, seen: Record<string, Told>): Promise<void> {
  const results = side.client().results as ResultStore;
  for (const id of ids) {
    const keys = [0, ...side.leases.of(id), STRANGE].map((lease) => ({ id, lease }));
    seen[`results of ${id}`] = tell(side, await results.get(keys, now));
  }
}

async function lookAtSchedules(side: Side, now: number, seen: Record<string, Told>): Promise<void> {
  const schedules = side.client().schedules as ScheduleStore;
  for (const id of scheduleIds) seen[`schedule ${id}`] = tell(side, await schedules.get(id));
  for (const query of scheduleQueries(now)) {
    const items = await pages<StoredSchedule>(query.limit, (after) => schedules.list({ ...query, ...after }));
    seen[`schedules ${text(query, now)}`] = tell(side, items);
  }
}

async function lookAtRecords(side: Side, seen: Record<string, Told>): Promise<void> {
  const records = side.client().records as RecordStore;
  for (const key of recordKeys) seen[`record ${key}`] = tell(side, { key, ...(await records.get(key)) });
  seen['records'] = [...(await records.list('', null, 9))];
  seen['records r/ after r/1'] = [...(await records.list('r/', 'r/1', 1))];
}

/** Follows the cursors to the end. @throws Broken where a page is over its limit, or there is no end */
async function pages<T>(limit: number, page: (after: { after?: string }) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  for (let count = 0, after: { after?: string } = {}; count < 100; count += 1) {
    const { items, next } = await page(after);
    if (items.length > limit) throw new Broken(`A page of at most ${limit} has ${items.length} items.`);
    all.push(...items);
    if (next === undefined) return all;
    after = { after: next };
  }
  throw new Broken('Paging does not end.');
}

/** A query with its instants told from now. */
function text(query: object, now: number): string {
  return Object.entries(query)
    .filter(([field]) => field !== 'limit')
    .map(([field, value]) => `${field} ${typeof value === 'number' ? `now${offset(value - now)}` : String(value)}`)
    .join(', ');
}

function offset(ms: number): string {
  return ms === 0 ? '' : ms > 0 ? `+${ms}` : String(ms);
}
