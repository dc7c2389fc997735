import { Line } from './line.ts';
import type { TaskRecord } from './task-record.ts';

const MOST_PLACES = 2 ** 31 - 1;

/** The waiting tasks of one queue: a line for each priority in use, the highest first. */
export class ReadyQueue {
  readonly #lines = new Map<number, Line>();
  /** Falling. */
  #priorities: number[] = [];
  #places = 0;

  push(task: TaskRecord, now: number): void {
    let line = this.#lines.get(task.priority);
    if (line === undefined) {
      line = new Line();
      this.#lines.set(task.priority, line);
      this.#priorities = [...this.#lines.keys()].sort((a, b) => b - a);
    }
    // A number that comes again does so after two billion places: none of them is still remembered.
    this.#places = this.#places === MOST_PLACES ? 1 : this.#places + 1;
    task.place = this.#places;
    line.push(task, now);
  }

  /** Voids a task's place in the line of this priority. */
  drop(task: TaskRecord, priority: number): void {
    if (task.place === 0) return;
    task.place = 0;
    this.#lines.get(priority)?.leave();
  }

  /**
   * Takes out the best task that is due and not expired.
   * @param left called for each that leaves its place
   */
  take(now: number, left: () => void): TaskRecord | undefined {
    for (const priority of this.#priorities) {
      const line = this.#lines.get(priority) as Line;
      for (let task = line.peek(now); task !== undefined; task = line.peek(now)) {
        line.shift();
        task.place = 0;
        left();
        const { expiresAt } = task.rare;
        // An expired task leaves its place for good: no claim looks at it twice.
        if (expiresAt === null || expiresAt > now) return task;
      }
    }
    return undefined;
  }

  /** How many tasks are due, or more: not fewer, and 0 only if there is none. Expired ones count until passed over. */
  due(now: number): number {
    let due = 0;
    for (const line of this.#lines.values()) if (line.peek(now) !== undefined) due += line.size;
    return due;
  }

  /** When the first of those that are not due at `now` will be. */
  nextDue(now: number): number | null {
    return earliest(Array.from(this.#lines.values(), (line) => line.nextDue(now)));
  }
}

export function earliest(instants: readonly (number | null)[]): number | null {
  return instants.reduce((first, at) => (first === null || (at !== null && at < first) ? at : first), null);
}
