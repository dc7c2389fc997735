import type { ResultKey, StoredResult } from '@omniq/core/storage';
import { Heap } from './heap.ts';

/** Results by task and lease. */
export class ResultTable {
  readonly #byTask = new Map<string, Map<number, StoredResult>>();
  readonly #expiring = new Heap<StoredResult>((a, b) => (a.expiresAt ?? 0) < (b.expiresAt ?? 0));

  put(result: StoredResult): void {
    const { id, lease, expiresAt } = result;
    const kept = this.#byTask.get(id);
    if (kept === undefined) this.#byTask.set(id, new Map([[lease, result]]));
    else kept.set(lease, result);
    if (expiresAt !== null) this.#expiring.push(result);
  }

  get({ id, lease }: ResultKey, now: number): Uint8Array | undefined {
    const result = this.#byTask.get(id)?.get(lease);
    return result === undefined || isOver(result, now) ? undefined : result.value;
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

  #delete(id: string, lease: number): void {
    const kept = this.#byTask.get(id);
    kept?.delete(lease);
    if (kept?.size === 0) this.#byTask.delete(id);
  }
}

function isOver({ expiresAt }: StoredResult, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}
