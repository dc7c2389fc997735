import { Line } from './line.ts';
import type { TaskRecord } from './task-record.ts';

/** The waiting tasks of one queue: a line for each priority in use, the highest first. */
export class ReadyQueue {
  readonly #lines = new Map<number, Line>();
  /** Falling. */
  #priorities: number[] = [];

  push(task: TaskRecord, now: number): void {
    const { priority, runAt, seq } = task;
    let line = this.#lines.get(priority);
    if (line === undefined) {
      line = new Line();
      this.#lines.set(priority, line);
      this.#priorities = [...this.#lines.keys()].sort((a, b) => b - a);
    }
    const ticket = { task, priority, runAt, seq };
    task.ticket = ticket;
    line.push(ticket, now);
  }

  /** Voids a task's place. */
  drop(task: TaskRecord): void {
    if (task.ticket === null) return;
    const { priority } = task.ticket;
    task.ticket = null;
    this.#lines.get(priority)?.leave();
  }

  /** Takes out the best task that is due and not expired. */
  take(now: number): TaskRecord | undefined {
    for (const priority of this.#priorities) {
      const line = this.#lines.get(priority) as Line;
      for (let ticket = line.peek(now); ticket !== undefined; ticket = line.peek(now)) {
        line.shift();
        const { task } = ticket;
        task.ticket = null;
        // An expired task leaves its place for good: no claim looks at it twice.
        if (task.expiresAt === null || task.expiresAt > now) return task;
      }
    }
    return undefined;
  }

  /** When the first of those that are not due at `now` will be. */
  nextDue(now: number): number | null {
    return earliest(Array.from(this.#lines.values(), (line) => line.nextDue(now)));
  }
}

export function earliest(instants: readonly (number | null)[]): number | null {
  return instants.reduce((first, at) => (first === null || (at !== null && at < first) ? at : first), null);
}
