import type { TaskRecord } from './task-record.ts';

/** The tasks of one claim: their leases follow one another. */
interface Span {
  readonly first: number;
  readonly tasks: (TaskRecord | undefined)[];
  left: number;
}

/** Which task runs under which lease. */
export class LeaseTable {
  /** By lease; they do not overlap. */
  #spans: Span[] = [];
  #size = 0;
  /** Spans in which nothing runs any more; they go when they are half of all. */
  #empty = 0;

  get size(): number {
    return this.#size;
  }

  /** Tasks that were leased together, in the order of their leases, which are higher than all before. */
  add(tasks: readonly TaskRecord[]): void {
    const [first] = tasks;
    if (first === undefined) return;
    this.#spans.push({ first: first.lease, tasks: [...tasks], left: tasks.length });
    this.#size += tasks.length;
  }

  get(lease: number): TaskRecord | undefined {
    const span = this.#spans[this.#indexOf(lease)];
    return span?.tasks[lease - span.first];
  }

  delete(lease: number): void {
    const index = this.#indexOf(lease);
    const span = this.#spans[index];
    if (span?.tasks[lease - span.first] === undefined) return;
    span.tasks[lease - span.first] = undefined;
    span.left -= 1;
    this.#size -= 1;
    if (span.left > 0) return;
    this.#empty += 1;
    if (this.#empty < 32 || this.#empty * 2 < this.#spans.length) return;
    this.#spans = this.#spans.filter(({ left }) => left > 0);
    this.#empty = 0;
  }

  /** By lease. */
  all(): TaskRecord[] {
    return this.#spans.flatMap(({ tasks }) => tasks.filter((task) => task !== undefined));
  }

  /** The last span that begins at this lease or before. */
  #indexOf(lease: number): number {
    let [low, high] = [0, this.#spans.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#spans[middle] as Span).first <= lease) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
