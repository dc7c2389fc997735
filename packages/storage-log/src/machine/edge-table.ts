import type { EdgeQuery, ParentEdge, ParentPolicy } from '@omniq/core/storage';
import { Sequence } from './sequence.ts';

/** A child that waits for a parent. */
export interface StoredEdge {
  readonly seq: number;
  gone: boolean;
  readonly child: string;
  readonly parent: string;
  readonly policy: ParentPolicy;
}

type Index = Map<string, Map<string, StoredEdge>>;

/** Unresolved edges, by parent, by child, and in the order they were made. */
export class EdgeTable {
  readonly #all = new Sequence<StoredEdge>();
  readonly #byParent: Index = new Map();
  readonly #byChild: Index = new Map();
  /** Of the last edge ever made. */
  seq = 0;

  /** Returns how many parents the child waits for now. */
  add(child: string, parents: readonly ParentEdge[]): number {
    for (const { id: parent, policy } of parents) {
      if (this.#byChild.get(child)?.has(parent)) continue;
      this.restore({ seq: (this.seq += 1), gone: false, child, parent, policy });
    }
    return this.#byChild.get(child)?.size ?? 0;
  }

  /** Puts an edge in its place; they come in the order of their `seq`. */
  restore(edge: StoredEdge): void {
    this.#all.append(edge);
    put(this.#byParent, edge.parent, edge.child, edge);
    put(this.#byChild, edge.child, edge.parent, edge);
  }

  all(): Iterable<StoredEdge> {
    return this.#all.oldest(undefined);
  }

  /** In order, in a list of its own. */
  copy(): StoredEdge[] {
    return this.#all.frozen().items.filter(({ gone }) => !gone);
  }

  /** Takes the edge out; `false` if it was not there. */
  resolve(child: string, parent: string): boolean {
    const edge = this.#byChild.get(child)?.get(parent);
    if (edge === undefined) return false;
    this.#all.remove(edge);
    take(this.#byParent, parent, child);
    take(this.#byChild, child, parent);
    return true;
  }

  /** Forgets what a child waits for. */
  forget(child: string): void {
    for (const parent of this.#byChild.get(child)?.keys() ?? []) this.resolve(child, parent);
  }

  has(child: string, parent: string): boolean {
    return this.#byChild.get(child)?.has(parent) === true;
  }

  hasChildren(parent: string): boolean {
    // Most tasks are no parents: then nobody needs to look for them.
    return this.#byParent.size > 0 && this.#byParent.has(parent);
  }

  /** One more than the limit, if there are more. */
  page({ parent, child, after, limit }: EdgeQuery): StoredEdge[] {
    const from = after === undefined ? undefined : Number(after);
    const page: StoredEdge[] = [];
    const known = parent === undefined ? undefined : (this.#byParent.get(parent) ?? new Map<string, StoredEdge>());
    const some =
      known ?? (child === undefined ? undefined : (this.#byChild.get(child) ?? new Map<string, StoredEdge>()));
    for (const edge of some?.values() ?? this.#all.oldest(from)) {
      if (from !== undefined && edge.seq <= from) continue;
      if (child !== undefined && edge.child !== child) continue;
      page.push(edge);
      if (page.length > limit) break;
    }
    return page;
  }
}

function put(index: Index, key: string, other: string, edge: StoredEdge): void {
  const edges = index.get(key);
  if (edges === undefined) index.set(key, new Map([[other, edge]]));
  else edges.set(other, edge);
}

function take(index: Index, key: string, other: string): void {
  const edges = index.get(key);
  edges?.delete(other);
  if (edges?.size === 0) index.delete(key);
}
