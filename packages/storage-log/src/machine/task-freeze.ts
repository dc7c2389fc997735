import type { TaskRecord } from './task-record.ts';

/** What a snapshot says of a task. */
export type TaskFields = Pick<
  TaskRecord,
  | 'id'
  | 'queue'
  | 'name'
  | 'seq'
  | 'createdAt'
  | 'holdMs'
  | 'priority'
  | 'runAt'
  | 'state'
  | 'attempt'
  | 'lease'
  | 'session'
  | 'startedAt'
  | 'finishedAt'
  | 'deadlineAt'
  | 'place'
  | 'body'
  | 'spec'
  | 'rare'
>;

/**
 * All tasks as they were at one moment, while commands go on changing them: whoever changes one that was not read yet
 * has it copied first.
 */
export class TaskFreeze {
  readonly #tasks: readonly TaskRecord[];
  readonly #length: number;
  readonly #kept = new Map<TaskRecord, TaskFields>();
  /** Of the last task that is part of it, and of the last that was read. */
  readonly #lastSeq: number;
  #readSeq = 0;

  /** @param tasks the first `length` of `items`, in the order of their `seq`; those that are gone by now do not count */
  constructor({ items, length }: { readonly items: readonly TaskRecord[]; readonly length: number }, lastSeq: number) {
    this.#tasks = items;
    this.#length = length;
    this.#lastSeq = lastSeq;
  }

  /** Called before a task changes. */
  keep(task: TaskRecord): void {
    if (task.seq > this.#lastSeq || task.seq <= this.#readSeq || task.gone || this.#kept.has(task)) return;
    this.#kept.set(task, copyOf(task));
  }

  /** So many at a time, in the order of their `seq`. What changes while one is being looked at shows in it. */
  *chunks(size: number): Generator<readonly TaskFields[], void, undefined> {
    let chunk: TaskFields[] = [];
    for (let at = 0; at < this.#length; at += 1) {
      const task = this.#tasks[at] as TaskRecord;
      const kept = this.#kept.get(task);
      this.#kept.delete(task);
      if (kept === undefined && task.gone) continue;
      chunk.push(kept ?? task);
      if (chunk.length < size) continue;
      this.#readSeq = task.seq;
      yield chunk;
      chunk = [];
    }
    this.#readSeq = this.#lastSeq;
    if (chunk.length > 0) yield chunk;
  }
}

function copyOf(task: TaskRecord): TaskFields {
  const { id, queue, name, seq, createdAt, holdMs, priority, runAt, state, attempt } = task;
  const { lease, session, startedAt, finishedAt, deadlineAt, place, body, spec, rare } = task;
  const numbers = { seq, createdAt, holdMs, priority, runAt, attempt, lease, startedAt, finishedAt, deadlineAt, place };
  const records = rare.records === null ? null : [...rare.records];
  return { id, queue, name, state, session, body, spec, ...numbers, rare: { ...rare, records } };
}
