import type { ResultKey } from '@omniq/core/storage';
import { byteOrder } from './byte-order.ts';
import type { HeldResult } from './command.ts';
import { Heap } from './heap.ts';
import type { Bytes } from './piece.ts';

/** Results by task and lease. */
export class ResultTable {
  readonly #byTask = new Map<string, Map<number, HeldResult>>();
  /** In an order that is the same for all replicas, whatever they were put in. */
  readonly #expiring = new Heap<HeldResult>((a, b) => compare(a, b) < 0);

  put(result: HeldResult): void {
    const { id, lease, expiresAt } = result;
    const kept = this.#byTask.get(id);
    if (kept === undefined) this.#byTask.set(id, new Map([[lease, result]]));
    else {
      kept.delete(lease);
      kept.set(lease, result);
    }
    if (expiresAt !== null) this.#expiring.push(result);
  }

  get({ id, lease }: ResultKey, now: number): Bytes | undefined {
    const result = this.#byTask.get(id)?.get(lease);
    return result === undefined || isOver(result, now) ? undefined : result.value;
  }

  /** Whether the task has any. */
  has(id: string): boolean {
    return this.#byTask.has(id);
  }

  /** Whether a sweep would find any. */
  hasExpired(now: number): boolean {
    const next = this.#expiring.peek();
    return next !== undefined && isOver(next, now);
  }

  /** Forgets the results of a task, or those below a lease. */
  remove(id: string, below: number = Number.POSITIVE_INFINITY): void {
    for (const lease of this.#byTask.get(id)?.keys() ?? []) if (lease < below) this.#delete(id, lease);
  }

  sweep(now: number, limit: number): number {
    let gone = 0;
    for (let next = this.#expiring.peek(); next !== undefined && isOver(next, now); next = this.#expiring.peek()) {
      // One that was replaced or removed meanwhile does not count.
      const isKept = this.#byTask.get(next.id)?.get(next.lease) === next;
      if (isKept && gone === limit) break;
      this.#expiring.pop();
      if (!isKept) continue;
      this.#delete(next.id, next.lease);
      gone += 1;
    }
    return gone;
  }

  *all(): Generator<HeldResult, void, undefined> {
    for (const kept of this.#byTask.values()) yield* kept.values();
  }

  #delete(id: string, lease: number): void {
    const kept = this.#byTask.get(id);
    kept?.delete(lease);
    if (kept?.size === 0) this.#byTask.delete(id);
  }
}

function isOver({ expiresAt }: HeldResult, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

function compare(a: HeldResult, b: HeldResult): number {
  return (a.expiresAt ?? 0) - (b.expiresAt ?? 0) || byteOrder(a.id, b.id) || a.lease - b.lease;
}
