import { Heap } from './heap.ts';
import type { TaskRecord } from './task-record.ts';

/** A place out of order. It is void once the task has another, or none. */
interface Ticket {
  readonly task: TaskRecord;
  readonly place: number;
  readonly runAt: number;
  readonly seq: number;
}

/**
 * The waiting tasks of one priority, by `runAt`, then insert order. Tasks that come in order, nearly all of them, stand
 * in a plain array, so that taking one costs the same at ten and at a million; the others lie in a heap.
 */
export class Line {
  #inOrder: (TaskRecord | undefined)[] = [];
  /** The place that each of them had when it came; another one now voids it. */
  #places: number[] = [];
  #head = 0;
  #lastRunAt = Number.NEGATIVE_INFINITY;
  #lastSeq = 0;
  readonly #others = new Heap<Ticket>(isBefore);
  /** Places that were made void and not dropped yet. */
  #void = 0;

  /** How many stand here; void places count until they are dropped. */
  get size(): number {
    return this.#inOrder.length - this.#head + this.#others.size;
  }

  /** The task's `place` is a new one. */
  push(task: TaskRecord, now: number): void {
    const { runAt, seq, place } = task;
    const isLast = runAt > this.#lastRunAt || (runAt === this.#lastRunAt && seq > this.#lastSeq);
    // One that is not due yet would send all that are to the heap.
    if (runAt > now || !isLast) {
      this.#others.push({ task, place, runAt, seq });
      return;
    }
    this.#inOrder.push(task);
    this.#places.push(place);
    this.#lastRunAt = runAt;
    this.#lastSeq = seq;
  }

  /** The first task, if it is due. */
  peek(now: number): TaskRecord | undefined {
    const first = this.#first();
    return first === undefined || first.runAt > now ? undefined : first;
  }

  /** Takes out what {@link peek} gave. */
  shift(): void {
    const first = this.#inOrder[this.#head];
    const other = this.#others.peek();
    if (first === undefined || (other !== undefined && isBefore(other, first))) this.#others.pop();
    else this.#dropHead();
  }

  /** When the first of those that are not due at `now` will be. */
  nextDue(now: number): number | null {
    let first: number | null = null;
    // Only a clock that ran backwards leaves one of these in order.
    if (this.#lastRunAt > now) {
      const later = this.#inOrder.find(
        (task, at) => task !== undefined && task.place === this.#places[at] && task.runAt > now,
      );
      first = later?.runAt ?? null;
    }
    for (const { runAt } of this.#others.nearest((ticket) => ticket.runAt > now && holds(ticket)))
      if (first === null || runAt < first) first = runAt;
    return first;
  }

  /** Says that one of its places is void. */
  leave(): void {
    this.#void += 1;
    if (this.#void < 64 || this.#void * 2 < this.size) return;
    const kept = this.#inOrder.map((task, at) => task !== undefined && task.place === this.#places[at]);
    this.#inOrder = this.#inOrder.filter((_, at) => kept[at]);
    this.#places = this.#places.filter((_, at) => kept[at]);
    this.#head = 0;
    if (this.#inOrder.length === 0) this.#forgetLast();
    this.#others.filter(holds);
    this.#void = 0;
  }

  #first(): TaskRecord | undefined {
    for (;;) {
      const first = this.#inOrder[this.#head];
      if (first === undefined || first.place === this.#places[this.#head]) break;
      this.#dropHead();
      this.#void -= 1;
    }
    for (;;) {
      const other = this.#others.peek();
      const first = this.#inOrder[this.#head];
      if (other === undefined) return first;
      if (holds(other)) return first === undefined || isBefore(other, first) ? other.task : first;
      this.#others.pop();
      this.#void -= 1;
    }
  }

  #dropHead(): void {
    this.#inOrder[this.#head] = undefined;
    this.#head += 1;
    if (this.#head < this.#inOrder.length) {
      if (this.#head < 4_096 || this.#head * 2 < this.#inOrder.length) return;
      this.#inOrder = this.#inOrder.slice(this.#head);
      this.#places = this.#places.slice(this.#head);
    } else {
      this.#inOrder = [];
      this.#places = [];
      this.#forgetLast();
    }
    this.#head = 0;
  }

  #forgetLast(): void {
    this.#lastRunAt = Number.NEGATIVE_INFINITY;
    this.#lastSeq = 0;
  }
}

interface Standing {
  readonly runAt: number;
  readonly seq: number;
}

function holds({ task, place }: Ticket): boolean {
  return task.place === place;
}

function isBefore(a: Standing, b: Standing): boolean {
  return a.runAt < b.runAt || (a.runAt === b.runAt && a.seq < b.seq);
}
