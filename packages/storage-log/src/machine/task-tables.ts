import type { ChangeOutcome, ClaimRequest, InsertOutcome, StoredState } from '@omniq/core/storage';
import { assign } from './change-task.ts';
import type { HeldChange, HeldNewTask } from './command.ts';
import { EdgeTable } from './edge-table.ts';
import { QueueTable } from './queue-table.ts';
import { refuse } from './refuse.ts';
import { RememberedIds } from './remembered-ids.ts';
import { ResultTable } from './result-table.ts';
import { ScheduleTable } from './schedule-table.ts';
import { SessionTable, type StoredSession } from './session-table.ts';
import { isEnded, isRunning, taskRecord, type TaskRecord } from './task-record.ts';
import { TaskPool } from './task-pool.ts';
import { TaskTable } from './task-table.ts';
import { UniqueKeys } from './unique-keys.ts';

/** Leases beyond this would come near the end of exact numbers; then they just count up. */
const LAST_CLOCKED_LEASE = 2 ** 52;

const applied: ChangeOutcome = Object.freeze({ status: 'applied' });
const appliedAndWaitedFor: ChangeOutcome = Object.freeze({ status: 'applied', dependents: true });
const stale: ChangeOutcome = Object.freeze({ status: 'stale' });
const missing: ChangeOutcome = Object.freeze({ status: 'missing' });
const none: ReadonlySet<string> = new Set();
const inserted: InsertOutcome = Object.freeze({ status: 'inserted', settled: false });

/** The machine's state, and what must change together in it. */
export class TaskTables {
  readonly sessions: SessionTable = new SessionTable();
  readonly tasks: TaskTable = new TaskTable(this.sessions);
  readonly edges: EdgeTable = new EdgeTable();
  readonly queues: QueueTable = new QueueTable();
  readonly uniqueKeys: UniqueKeys = new UniqueKeys();
  readonly remembered: RememberedIds = new RememberedIds();
  readonly results: ResultTable = new ResultTable();
  readonly schedules: ScheduleTable = new ScheduleTable();
  readonly pool: TaskPool = new TaskPool();
  /** Of the last task ever inserted. */
  seq = 0;
  /** The last one given. One for all tasks: it grows even for an id that was forgotten and comes back. */
  lastLease = 0;

  /** @param lateAt by which the admission deadline is judged */
  insert(rows: readonly HeldNewTask[], now: number, lateAt: number): InsertOutcome[] {
    this.#checkAdmissible(rows, now, lateAt);
    this.remembered.sweep(now);
    return rows.map((row) => this.#insertOne(row, now, lateAt));
  }

  /** Leases the best due tasks to a session; the first of them start at once. */
  lease({ lane, request, queues, limit, start, now }: ClaimRequest, session: StoredSession): TaskRecord[] {
    const tasks = this.queues.take(queues, limit, now);
    // The clock's part outlives what a log may lose of its end: a number that was given out never comes again.
    const clocked = Math.trunc(now) * 1_000;
    const firstLease = Math.max(this.lastLease + 1, clocked < LAST_CLOCKED_LEASE ? clocked : 0);
    if (tasks.length > 0) this.lastLease = firstLease + tasks.length - 1;
    for (const [index, task] of tasks.entries()) {
      task.state = 'running';
      task.lease = firstLease + index;
      task.session = session.id;
      task.startedAt = index < start ? now : null;
      task.deadlineAt = now + task.holdMs;
    }
    this.sessions.hold(tasks, session);
    session.lanes.set(lane, { request, firstLease, count: tasks.length });
    return tasks;
  }

  update(changes: readonly HeldChange[], now: number): ChangeOutcome[] {
    return changes.map((change) => this.#change(change, now));
  }

  remove(ids: readonly string[], rememberUntil: number): number {
    let gone = 0;
    for (const id of ids) {
      const task = this.tasks.get(id);
      if (task === undefined || !isEnded(task.state) || this.edges.hasChildren(id)) continue;
      this.tasks.delete(task);
      this.edges.forget(id);
      this.results.remove(id);
      this.remembered.add(id, rememberUntil);
      gone += 1;
    }
    return gone;
  }

  /** All or none: whatever can go wrong with a row does before the first one is in. */
  #checkAdmissible(rows: readonly HeldNewTask[], now: number, lateAt: number): void {
    if (rows.every(({ parents }) => parents.length === 0)) return;
    const known = new Set<string>();
    const keys = new Map<string, string>();
    for (const row of rows) {
      const { id, unique } = row;
      if (this.#isKnown(id, now) || known.has(id) || lateAt > row.admitBy) continue;
      const unknown = this.#unknownParent(row, known);
      if (unknown !== undefined)
        throw refuse('PARENT_UNKNOWN', `The task ${id} waits for ${unknown}, which does not exist.`, {
          id,
          parent: unknown,
        });
      if (unique !== null && (keys.get(unique.key) ?? this.uniqueKeys.holder(unique.key, now)) !== null) continue;
      if (unique !== null && (unique.until === null || unique.until > now)) keys.set(unique.key, id);
      known.add(id);
    }
  }

  #insertOne(row: HeldNewTask, now: number, lateAt: number): InsertOutcome {
    const { id, parents } = row;
    if (this.#isKnown(id, now)) return { status: 'exists' };
    if (lateAt > row.admitBy) return { status: 'late' };
    const holder = row.unique === null ? null : this.uniqueKeys.take(row.unique, id, now);
    if (holder !== null) return { status: 'taken', holder };
    const task = taskRecord(row, (this.seq += 1), now, this.pool);
    this.tasks.add(task);
    if (parents.length === 0) {
      this.queues.push(task, now);
      return inserted;
    }
    task.own.waitsFor = this.edges.add(id, parents);
    return {
      status: 'inserted',
      settled: parents.some((parent) => isEnded(this.tasks.get(parent.id)?.state ?? 'waiting')),
    };
  }

  #isKnown(id: string, now: number): boolean {
    return this.tasks.get(id) !== undefined || this.remembered.has(id, now);
  }

  /** The first parent that is neither stored nor among `known`. */
  #unknownParent({ parents }: HeldNewTask, known: ReadonlySet<string> = none): string | undefined {
    return parents.find(({ id }) => this.tasks.get(id) === undefined && !known.has(id))?.id;
  }

  #change(change: HeldChange, now: number): ChangeOutcome {
    const { guard, set } = change;
    // Running tasks are found by their lease: most changes end a run, and need not look for its id.
    const running = 'lease' in guard ? this.sessions.byLease(guard.lease) : undefined;
    if (change.id === null && running === undefined) return stale;
    const task = change.id === null || running?.id === change.id ? running : this.tasks.get(change.id);
    if (task === undefined) return missing;
    const refusal = this.#refusal(task, change, now);
    if (refusal !== null) return refusal;
    const { state, priority } = task;
    if ('edge' in guard) this.#resolve(task, guard.edge);
    assign(task, set);
    this.#settle(task, state, priority, set, now);
    this.#keep(task, change);
    for (const row of change.then ?? []) if (this.#unknownParent(row) === undefined) this.#insertOne(row, now, now);
    return this.edges.hasChildren(task.id) ? appliedAndWaitedFor : applied;
  }

  #refusal(task: TaskRecord, { guard, set }: HeldChange, now: number): ChangeOutcome | null {
    if ('lease' in guard) {
      if (!isRunning(task, guard.lease)) return stale;
      if (guard.uncancelled === true && task.rare.cancelRequested) return { status: 'cancelled' };
    } else if ('states' in guard) {
      if (!guard.states.includes(task.state)) return stale;
    } else if (!this.edges.has(task.id, guard.edge)) return stale;
    if (set.state === undefined || !isEnded(task.state) || isEnded(set.state)) return null;
    const { uniqueKey, uniqueUntil } = task.rare;
    const holder =
      uniqueKey === null ? null : this.uniqueKeys.retake({ key: uniqueKey, until: uniqueUntil }, task.id, now);
    return holder === null ? null : { status: 'taken', holder };
  }

  #resolve(task: TaskRecord, parent: string): void {
    this.edges.resolve(task.id, parent);
    task.own.waitsFor -= 1;
    if (task.rare.waitsFor === 0 && task.state === 'blocked') task.state = 'waiting';
  }

  /** Completes a change: what a task's new state and columns mean for its place, session, key and deadline. */
  #settle(task: TaskRecord, before: StoredState, priority: number, set: HeldChange['set'], now: number): void {
    if (set.expiresAt !== undefined) this.tasks.watchExpiry(task);
    if (task.state !== 'running') task.deadlineAt = null;
    if (before === 'running' && task.state !== 'running') this.sessions.release(task);
    else if (task.state === 'running' && set.cancelRequested !== undefined) this.sessions.noteCancel(task);
    if (isEnded(task.state) && !isEnded(before)) this.uniqueKeys.release(task);
    const moved = set.priority !== undefined || set.runAt !== undefined || set.expiresAt !== undefined;
    if (task.state === before && !moved) return;
    this.queues.drop(task, priority);
    if (task.state === 'waiting') this.queues.push(task, now);
  }

  #keep(task: TaskRecord, { record, result, resultExpiresAt = null }: HeldChange): void {
    if (record !== undefined) (task.own.records ??= []).push({ lease: task.lease, record });
    if (result !== undefined)
      this.results.put({ id: task.id, lease: task.lease, value: result, expiresAt: resultExpiresAt });
  }
}
