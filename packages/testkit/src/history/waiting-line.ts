import type { Act, ClaimAct } from './act.ts';
import { Heap } from './heap.ts';

/** One time that a task surely waited: known to be in line since an act, until a claim took it. */
export interface Wait {
  readonly id: string;
  readonly queue: string;
  readonly since: Act;
  readonly priority: number;
  readonly runAt: number;
  /** `Infinity` without. */
  readonly expiresAt: number;
  readonly enqueue: Act;
  /** `null`: it was never taken. */
  readonly takenBy: Act | null;
}

export function isBetter(a: Wait, b: Wait): boolean {
  return a.priority > b.priority || (a.priority === b.priority && a.runAt < b.runAt);
}

/** What one claimer's queue surely holds, as its claims go by. */
export class WaitingLine {
  readonly #skewMs: number;
  readonly #storeSkewMs: number;
  /** Last first. */
  readonly #own: Wait[];
  readonly #others: Wait[];
  readonly #early = new Heap<Wait>((a, b) => a.runAt < b.runAt);
  readonly #due = new Heap<Wait>((a, b) => isBetter(a, b) || (!isBetter(b, a) && a.enqueue.begin < b.enqueue.begin));
  readonly #taken = new Set<Act>();

  constructor(waits: readonly Wait[], source: string, skewMs: number, storeSkewMs: number) {
    this.#skewMs = skewMs;
    this.#storeSkewMs = storeSkewMs;
    const isOwn = ({ since }: Wait): boolean => since.source === source;
    this.#own = waits.filter(isOwn).sort((a, b) => b.since.lastLine - a.since.lastLine);
    this.#others = waits.filter((wait) => !isOwn(wait)).sort((a, b) => b.since.end - a.since.end);
  }

  /** The best task that surely waited for this claim, and that neither it nor one before it took. Claims come in order. */
  best(claim: ClaimAct): Wait | undefined {
    this.#taken.add(claim);
    const { now } = claim.what;
    move(this.#own, this.#early, ({ since }) => since.lastLine < claim.firstLine);
    move(this.#others, this.#early, ({ since }) => since.end + this.#skewMs < claim.begin);
    for (let next = this.#early.peek(); next !== undefined; next = this.#early.peek()) {
      if (next.runAt + this.#storeSkewMs > now) break;
      this.#early.pop();
      this.#due.push(next);
    }
    for (let top = this.#due.peek(); top !== undefined; top = this.#due.peek()) {
      const isOver = top.takenBy !== null && this.#taken.has(top.takenBy);
      if (!isOver && top.expiresAt - this.#storeSkewMs > now) return top;
      this.#due.pop();
    }
    return undefined;
  }
}

function move(from: Wait[], to: Heap<Wait>, isVisible: (wait: Wait) => boolean): void {
  for (let next = from.at(-1); next !== undefined && isVisible(next); next = from.at(-1)) {
    from.pop();
    to.push(next);
  }
}
