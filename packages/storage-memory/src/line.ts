import { Heap } from './heap.ts';
import type { TaskRecord } from './task-record.ts';

/** A waiting task's place. A task that moves gets a new ticket, and the old one is void. */
export interface Ticket {
  readonly task: TaskRecord;
  readonly priority: number;
  readonly runAt: number;
  readonly seq: number;
}

/**
 * The waiting tasks of one priority, by `runAt`, then insert order. Tasks that come in order, nearly all of them, stand
 * in a plain array, so that taking one costs the same at ten and at a million; the others lie in a heap.
 */
export class Line {
  #inOrder: (Ticket | undefined)[] = [];
  #head = 0;
  readonly #others = new Heap<Ticket>(isBefore);
  /** Tickets that were made void and not dropped yet. */
  #void = 0;

  push(ticket: Ticket, now: number): void {
    const last = this.#inOrder.at(-1);
    // One that is not due yet would send all that are to the heap.
    if (ticket.runAt > now || (last !== undefined && isBefore(ticket, last))) this.#others.push(ticket);
    else this.#inOrder.push(ticket);
  }

  /** The first ticket that holds, if it is due. */
  peek(now: number): Ticket | undefined {
    const first = this.#first();
    if (first === undefined || first.runAt > now) return undefined;
    return first;
  }

  /** Takes out what {@link peek} gave. */
  shift(): void {
    const inOrder = this.#inOrder[this.#head];
    const other = this.#others.peek();
    if (inOrder === undefined || (other !== undefined && isBefore(other, inOrder))) this.#others.pop();
    else this.#dropHead();
  }

  /** When the first of those that are not due at `now` will be. */
  nextDue(now: number): number | null {
    const later = (ticket: Ticket | undefined): boolean => ticket !== undefined && ticket.runAt > now && holds(ticket);
    // Only a clock that ran backwards leaves one of these in order.
    const inOrder = later(this.#inOrder.at(-1)) ? this.#inOrder.find(later) : undefined;
    let first = inOrder?.runAt ?? null;
    for (const { runAt } of this.#others.nearest(later)) if (first === null || runAt < first) first = runAt;
    return first;
  }

  /** Says that one of its tickets is void. */
  leave(): void {
    this.#void += 1;
    const size = this.#inOrder.length - this.#head + this.#others.size;
    if (this.#void < 64 || this.#void * 2 < size) return;
    this.#inOrder = this.#inOrder.filter((ticket) => ticket !== undefined && holds(ticket));
    this.#head = 0;
    this.#others.filter(holds);
    this.#void = 0;
  }

  #first(): Ticket | undefined {
    for (;;) {
      const inOrder = this.#inOrder[this.#head];
      if (inOrder === undefined || holds(inOrder)) break;
      this.#dropHead();
      this.#void -= 1;
    }
    for (;;) {
      const other = this.#others.peek();
      const inOrder = this.#inOrder[this.#head];
      if (other === undefined) return inOrder;
      if (holds(other)) return inOrder === undefined || isBefore(other, inOrder) ? other : inOrder;
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
    } else this.#inOrder = [];
    this.#head = 0;
  }
}

function holds(ticket: Ticket): boolean {
  return ticket.task.ticket === ticket;
}

function isBefore(a: Ticket, b: Ticket): boolean {
  return a.runAt < b.runAt || (a.runAt === b.runAt && a.seq < b.seq);
}
