import type { TaskCount, TaskQuery } from '@omniq/core/storage';
import type { HeldRow } from './command.ts';
import { Heap } from './heap.ts';
import { Sequence } from './sequence.ts';
import type { SessionTable } from './session-table.ts';
import { isEnded, rowOf, type TaskRecord } from './task-record.ts';

interface Expiry {
  readonly task: TaskRecord;
  readonly at: number;
}

/** All tasks by id and in insert order, and the ways to find the few that a query asks for. */
export class TaskTable {
  readonly #byId = new Map<string, TaskRecord>();
  readonly #inOrder = new Sequence<TaskRecord>();
  /** Tasks that may expire before they run; entries that no longer hold are dropped when they are most. */
  readonly #expiries = new Heap<Expiry>((a, b) => a.at < b.at);
  readonly #sessions: SessionTable;
  #pruneAt = 1_024;

  constructor(sessions: SessionTable) {
    this.#sessions = sessions;
  }

  get size(): number {
    return this.#byId.size;
  }

  get(id: string): TaskRecord | undefined {
    return this.#byId.get(id);
  }

  /** In insert order. */
  all(): Iterable<TaskRecord> {
    return this.#inOrder.oldest(undefined);
  }

  /** In insert order: the first so many of a list, of which some may be gone. */
  frozen(): { readonly items: readonly TaskRecord[]; readonly length: number } {
    return this.#inOrder.frozen();
  }

  add(task: TaskRecord): void {
    this.#byId.set(task.id, task);
    this.#inOrder.append(task);
    this.watchExpiry(task);
  }

  delete(task: TaskRecord): void {
    this.#byId.delete(task.id);
    this.#inOrder.remove(task);
  }

  /** Notes when the task expires, each time that changes. */
  watchExpiry(task: TaskRecord): void {
    const at = task.rare.expiresAt;
    if (at === null) return;
    this.#expiries.push({ task, at });
    if (this.#expiries.size < this.#pruneAt) return;
    this.#expiries.filter(
      (each) => !each.task.gone && !isEnded(each.task.state) && each.task.rare.expiresAt === each.at,
    );
    this.#pruneAt = Math.max(1_024, this.#expiries.size * 2);
  }

  list(query: TaskQuery): { items: HeldRow[]; next?: string } {
    const { limit } = query;
    const after = query.after === undefined ? undefined : Number(query.after);
    const matching: TaskRecord[] = [];
    for (const task of this.#candidates(query, after)) {
      if (!matches(task, query, after)) continue;
      matching.push(task);
      if (matching.length > limit) break;
    }
    const items = matching.slice(0, limit).map(rowOf);
    const last = matching[limit - 1];
    return matching.length > limit && last !== undefined ? { items, next: String(last.seq) } : { items };
  }

  count(now: number): TaskCount[] {
    const counts = new Map<string, Map<TaskCount['state'], number>>();
    for (const { queue, state: stored, runAt } of this.all()) {
      const state = stored === 'waiting' ? (runAt > now ? 'scheduled' : 'pending') : stored;
      const byState = counts.get(queue) ?? new Map<TaskCount['state'], number>();
      counts.set(queue, byState.set(state, (byState.get(state) ?? 0) + 1));
    }
    return [...counts].flatMap(([queue, byState]) => [...byState].map(([state, count]) => ({ queue, state, count })));
  }

  /** All that can match, in the order asked for: a few where an index knows them. */
  #candidates(query: TaskQuery, after: number | undefined): Iterable<TaskRecord> {
    const { states, session, expiresBy, order } = query;
    const newest = order === 'newest';
    if (states?.every((state) => state === 'running') === true) {
      return sorted([...this.#sessions.running(session)], newest);
    }
    if (expiresBy !== undefined && states?.some(isEnded) === false) {
      const due = this.#expiries.within(({ at }) => at <= expiresBy);
      return sorted([...new Set(Array.from(due, ({ task }) => task))], newest);
    }
    return newest ? this.#inOrder.newest(after) : this.#inOrder.oldest(after);
  }
}

function sorted(tasks: TaskRecord[], newest: boolean): TaskRecord[] {
  return tasks.sort(newest ? (a, b) => b.seq - a.seq : (a, b) => a.seq - b.seq);
}

function matches(task: TaskRecord, query: TaskQuery, after: number | undefined): boolean {
  if (task.gone) return false;
  if (after !== undefined && (query.order === 'newest' ? task.seq >= after : task.seq <= after)) return false;
  return (
    includes(query.states, task.state) &&
    includes(query.queues, task.queue) &&
    includes(query.names, task.name) &&
    (query.session === undefined || query.session === task.session) &&
    isBy(task.runAt, query.dueBy) &&
    (query.dueAfter === undefined || task.runAt > query.dueAfter) &&
    isBy(task.rare.expiresAt, query.expiresBy) &&
    isBy(task.deadlineAt, query.deadlineBy) &&
    isBy(task.finishedAt, query.finishedBy)
  );
}

function includes<T>(wanted: readonly T[] | undefined, value: T): boolean {
  return wanted === undefined || wanted.includes(value);
}

function isBy(at: number | null, by: number | undefined): boolean {
  return by === undefined || (at !== null && at <= by);
}
