import {
  OmniQError,
  type Change,
  type ChangeOutcome,
  type ClaimedTask,
  type ClaimRequest,
  type InsertOutcome,
  type Mutable,
  type NewTask,
  type StoredState,
} from '@omniq/core/storage';
import { EdgeTable } from './edge-table.ts';
import { QueueTable } from './queue-table.ts';
import { RememberedIds } from './remembered-ids.ts';
import type { ResultTable } from './result-table.ts';
import { SessionTable, type StoredSession } from './session-table.ts';
import { claimedOf, isEnded, taskRecord, type TaskRecord } from './task-record.ts';
import { TaskTable } from './task-table.ts';
import { UniqueKeys } from './unique-keys.ts';

/** The task store's state and what may be done to it; every verb runs to its end in one go, so all are atomic. */
export class TaskMachine {
  readonly sessions: SessionTable = new SessionTable();
  readonly tasks: TaskTable = new TaskTable(this.sessions);
  readonly edges: EdgeTable = new EdgeTable();
  readonly queues: QueueTable = new QueueTable();
  readonly #uniqueKeys = new UniqueKeys();
  readonly #remembered = new RememberedIds();
  readonly #results: ResultTable;
  #seq = 0;
  /** One for all tasks: it grows even for an id that was forgotten and comes back. */
  #lease = 0;

  constructor(results: ResultTable) {
    this.#results = results;
  }

  insert(rows: readonly NewTask[], now: number): InsertOutcome[] {
    this.#remembered.sweep(now);
    const outcomes: InsertOutcome[] = [];
    const inserted: TaskRecord[] = [];
    try {
      for (const row of rows) outcomes.push(this.#insertOne(row, now, inserted));
    } catch (error) {
      for (const task of inserted.reverse()) this.#takeBack(task);
      throw error;
    }
    return outcomes;
  }

  claim(request: ClaimRequest): ClaimedTask[] {
    const session = this.sessions.live(request.session);
    const last = session.lanes.get(request.lane);
    if (last !== undefined && request.request <= last.request) {
      const leased = last.request === request.request ? last.leased : [];
      return leased.filter(({ task, lease }) => isRunning(task, lease)).map(({ task }) => claimedOf(task));
    }
    const taken = this.queues.take(request.queues, request.limit, request.now);
    const leased = taken.map((task, index) => this.#hold(task, session, index < request.start, request.now));
    session.lanes.set(request.lane, { request: request.request, leased });
    return taken.map(claimedOf);
  }

  update(changes: readonly Change[], now: number): ChangeOutcome[] {
    for (const { then } of changes) if (then !== undefined) this.#checkParents(then);
    return changes.map((change) => this.#change(change, now));
  }

  remove(ids: readonly string[], rememberUntil: number): number {
    let gone = 0;
    for (const id of ids) {
      const task = this.tasks.get(id);
      if (task === undefined || !isEnded(task.state) || this.edges.hasChildren(id)) continue;
      this.tasks.delete(task);
      this.edges.forget(id);
      this.#results.remove(id);
      this.#remembered.add(id, rememberUntil);
      gone += 1;
    }
    return gone;
  }

  #insertOne(row: NewTask, now: number, inserted: TaskRecord[]): InsertOutcome {
    const { id, parents } = row;
    if (this.tasks.get(id) !== undefined || this.#remembered.has(id, now)) return { status: 'exists' };
    if (now > row.admitBy) return { status: 'late' };
    if (parents.length > 0) this.#checkParents([row]);
    const task = taskRecord(row, (this.#seq += 1), now);
    const holder = this.#uniqueKeys.take(task, now);
    if (holder !== null) return { status: 'taken', holder };
    inserted.push(task);
    this.tasks.add(task);
    if (parents.length === 0) {
      this.queues.push(task, now);
      return { status: 'inserted', settled: false };
    }
    task.waitsFor = this.edges.add(id, parents);
    return {
      status: 'inserted',
      settled: parents.some((parent) => isEnded(this.tasks.get(parent.id)?.state ?? 'waiting')),
    };
  }

  /** @throws OmniQError `PARENT_UNKNOWN` unless each parent is stored, or stands before its child in `rows` */
  #checkParents(rows: readonly NewTask[]): void {
    const before = new Set<string>();
    for (const { id, parents } of rows) {
      const unknown = parents.find((parent) => this.tasks.get(parent.id) === undefined && !before.has(parent.id));
      if (unknown !== undefined) {
        const message = `The task ${id} waits for ${unknown.id}, which does not exist.`;
        throw new OmniQError('PARENT_UNKNOWN', message, { id, parent: unknown.id });
      }
      before.add(id);
    }
  }

  #takeBack(task: TaskRecord): void {
    this.queues.drop(task);
    this.edges.forget(task.id);
    this.#uniqueKeys.undo(task);
    this.tasks.delete(task);
  }

  #hold(task: TaskRecord, session: StoredSession, starts: boolean, now: number): { task: TaskRecord; lease: number } {
    task.state = 'running';
    task.lease = this.#lease += 1;
    task.session = session.id;
    task.startedAt = starts ? now : null;
    task.deadlineAt = now + task.holdMs;
    session.running.add(task);
    return { task, lease: task.lease };
  }

  #change(change: Change, now: number): ChangeOutcome {
    const task = this.tasks.get(change.id);
    if (task === undefined) return { status: 'missing' };
    const refusal = this.#refusal(task, change, now);
    if (refusal !== null) return refusal;
    const before = task.state;
    if ('edge' in change.guard) this.#resolve(task, change.guard.edge);
    assign(task, change.set);
    this.#settle(task, before, change.set, now);
    this.#keep(task, change);
    if (change.then !== undefined) this.insert(change.then, now);
    return this.edges.hasChildren(task.id) ? { status: 'applied', dependents: true } : { status: 'applied' };
  }

  #refusal(task: TaskRecord, { guard, set }: Change, now: number): ChangeOutcome | null {
    if ('lease' in guard) {
      if (!isRunning(task, guard.lease)) return { status: 'stale' };
      if (guard.uncancelled === true && task.cancelRequested) return { status: 'cancelled' };
    } else if ('states' in guard) {
      if (!guard.states.includes(task.state)) return { status: 'stale' };
    } else if (!this.edges.has(task.id, guard.edge)) return { status: 'stale' };
    if (set.state === undefined || !isEnded(task.state) || isEnded(set.state)) return null;
    const holder = this.#uniqueKeys.take(task, now);
    return holder === null ? null : { status: 'taken', holder };
  }

  #resolve(task: TaskRecord, parent: string): void {
    this.edges.resolve(task.id, parent);
    task.waitsFor -= 1;
    if (task.waitsFor === 0 && task.state === 'blocked') task.state = 'waiting';
  }

  /** Completes a change: what a task's new state and columns mean for its place, session, key and deadline. */
  #settle(task: TaskRecord, before: StoredState, set: Partial<Mutable>, now: number): void {
    if (set.expiresAt !== undefined) this.tasks.watchExpiry(task);
    if (task.state !== 'running') task.deadlineAt = null;
    if (before === 'running' && task.state !== 'running') this.sessions.release(task);
    if (isEnded(task.state) && !isEnded(before)) this.#uniqueKeys.release(task);
    const moved = set.priority !== undefined || set.runAt !== undefined || set.expiresAt !== undefined;
    if (task.state === before && !moved) return;
    this.queues.drop(task);
    if (task.state === 'waiting') this.queues.push(task, now);
  }

  #keep(task: TaskRecord, { record, result, resultExpiresAt = null }: Change): void {
    if (record !== undefined) (task.records ??= []).push({ lease: task.lease, record });
    if (result === undefined) return;
    this.#results.put({ id: task.id, lease: task.lease, value: result, expiresAt: resultExpiresAt });
  }
}

function isRunning(task: TaskRecord, lease: number): boolean {
  return task.state === 'running' && task.lease === lease;
}

/** Only what may change does, whatever else the object has. */
function assign(task: TaskRecord, set: Partial<Mutable>): void {
  if (set.state !== undefined) task.state = set.state;
  if (set.priority !== undefined) task.priority = set.priority;
  if (set.runAt !== undefined) task.runAt = set.runAt;
  if (set.expiresAt !== undefined) task.expiresAt = set.expiresAt;
  if (set.attempt !== undefined) task.attempt = set.attempt;
  if (set.crashes !== undefined) task.crashes = set.crashes;
  if (set.redrives !== undefined) task.redrives = set.redrives;
  if (set.cancelRequested !== undefined) task.cancelRequested = set.cancelRequested;
  if (set.startedAt !== undefined) task.startedAt = set.startedAt;
  if (set.finishedAt !== undefined) task.finishedAt = set.finishedAt;
  if (set.deadlineAt !== undefined) task.deadlineAt = set.deadlineAt;
  if (set.reason !== undefined) task.reason = set.reason;
  if (set.error !== undefined) task.error = set.error;
  if (set.progress !== undefined) task.progress = set.progress;
}
