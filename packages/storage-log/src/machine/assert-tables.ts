import type { Steps } from './steps.ts';
import { isEnded } from './task-record.ts';
import type { TaskTables } from './task-tables.ts';

/** What is looked at in one step. */
const STRIDE = 16_384;

/**
 * Whether tables that came out of a snapshot fit each other: a machine that begins with less would go wrong later, each
 * replica in its own way.
 * @throws TypeError
 */
export function* assertTables(tables: TaskTables): Steps<void> {
  const running = yield* assertTasks(tables);
  assertLeases(tables, running);
  yield* assertEdges(tables);
  yield* assertHolds(tables);
}

/** Returns how many run. */
function* assertTasks({ tasks, seq: lastSeq, lastLease }: TaskTables): Steps<number> {
  let [count, last, running] = [0, 0, 0];
  for (const { seq, lease, state, deadlineAt } of tasks.all()) {
    if (count % STRIDE === STRIDE - 1) yield;
    ensure(seq > last && seq <= lastSeq && lease <= lastLease, 'a task out of order');
    ensure((state === 'running') === (deadlineAt !== null), 'a deadline that nothing has to meet');
    last = seq;
    count += 1;
    if (state === 'running') running += 1;
  }
  ensure(count === tasks.size, 'an id that comes twice');
  return running;
}

function assertLeases({ sessions }: TaskTables, running: number): void {
  let [held, last] = [0, 0];
  for (const { leases, ended, id } of sessions.sessions.values()) {
    ensure(!sessions.over.has(id) && (!ended || leases > 0), 'a session that is over and goes on');
    held += leases;
  }
  for (const { lease } of sessions.running(undefined)) {
    ensure(lease > last, 'a lease that comes twice');
    last = lease;
  }
  ensure(held === running && sessions.leases === running, 'a lease that nobody holds');
}

function* assertEdges({ edges, tasks }: TaskTables): Steps<void> {
  const waiting = new Map<string, number>();
  let [last, count] = [0, 0];
  for (const { seq, child, parent } of edges.all()) {
    if (count % STRIDE === STRIDE - 1) yield;
    ensure(seq > last && seq <= edges.seq, 'an edge out of order');
    ensure(edges.has(child, parent) && tasks.get(parent) !== undefined, 'an edge from nowhere');
    waiting.set(child, (waiting.get(child) ?? 0) + 1);
    last = seq;
    count += 1;
  }
  for (const [child, parents] of waiting) ensure(tasks.get(child)?.rare.waitsFor === parents, 'an edge to nowhere');
  let expected = 0;
  yield* inStrides(tasks.all(), ({ rare }) => (expected += rare.waitsFor));
  ensure(count === expected, 'a task that waits for nothing');
}

/** Who holds a key while it lives does live, and has it. */
function* assertHolds({ uniqueKeys, tasks }: TaskTables): Steps<void> {
  yield* inStrides(uniqueKeys.holds, ([key, { holder, until }]) => {
    if (until !== null) return;
    const task = tasks.get(holder);
    ensure(task !== undefined && !isEnded(task.state) && task.rare.uniqueKey === key, 'a key that nobody holds');
  });
  yield* inStrides(tasks.all(), ({ id, state, rare }) => {
    const { uniqueKey, uniqueUntil } = rare;
    if (uniqueKey === null || uniqueUntil !== null || isEnded(state)) return;
    ensure(uniqueKeys.holds.get(uniqueKey)?.holder === id, 'a key that somebody else holds');
  });
}

function* inStrides<T>(items: Iterable<T>, look: (item: T) => void): Steps<void> {
  let seen = 0;
  for (const item of items) {
    look(item);
    seen += 1;
    if (seen % STRIDE === 0) yield;
  }
}

function ensure(holds: boolean, what: string): void {
  if (!holds) throw new TypeError(`the snapshot has ${what}`);
}
