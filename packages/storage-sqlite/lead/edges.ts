import type { EdgePage, EdgeQuery, ParentPolicy, StoredState } from '@omniq/core/storage';
import type { Statement } from 'better-sqlite3';
import type { Connection } from './connection.ts';
import { states } from './rows.ts';

const SELECT = `SELECT e.child, e.parent, e.policy, t.state FROM edges e JOIN tasks t ON t.id = e.parent`;
const BY_PARENT = `${SELECT} WHERE e.parent = ? AND e.child > ? ORDER BY e.child LIMIT ?`;
const BY_CHILD = `${SELECT} WHERE e.child = ? AND e.parent > ? ORDER BY e.parent LIMIT ?`;
const ALL = `${SELECT} WHERE (e.child, e.parent) > (?, ?) ORDER BY e.child, e.parent LIMIT ?`;

type RawEdge = readonly [child: string, parent: string, policy: ParentPolicy, state: number];

/** Reads of unresolved edges. Cursors are the last row's own key, so nothing that is resolved between pages shifts them. */
export class Edges {
  readonly #byParent: Statement;
  readonly #byChild: Statement;
  readonly #all: Statement;

  constructor({ db }: Connection) {
    this.#byParent = db.prepare(BY_PARENT).raw();
    this.#byChild = db.prepare(BY_CHILD).raw();
    this.#all = db.prepare(ALL).raw();
  }

  page({ parent, child, after, limit }: EdgeQuery): EdgePage {
    const [afterChild, afterParent] = after === undefined ? ['', ''] : parseCursor(after);
    const rows = this.#rows(parent, child, afterChild, afterParent, limit);
    const items = rows.map(([child, parent, policy, state]) => ({
      child,
      parent,
      policy,
      parentState: states[state] as StoredState,
    }));
    const last = rows.at(-1);
    return rows.length < limit || last === undefined ? { items } : { items, next: JSON.stringify([last[0], last[1]]) };
  }

  #rows(parent: string | undefined, child: string | undefined, afterChild: string, afterParent: string, limit: number): RawEdge[] {
    if (parent !== undefined && child !== undefined) {
      const rows = this.#byChild.all(child, '', -1) as RawEdge[];
      return rows.filter((row) => row[1] === parent && afterChild === '');
    }
    if (parent !== undefined) return this.#byParent.all(parent, afterChild, limit) as RawEdge[];
    if (child !== undefined) return this.#byChild.all(child, afterParent, limit) as RawEdge[];
    return this.#all.all(afterChild, afterParent, limit) as RawEdge[];
  }
}

function parseCursor(after: string): [string, string] {
  try {
    const [child, parent] = JSON.parse(after) as [unknown, unknown];
    return [String(child), String(parent)];
  } catch {
    return ['', ''];
  }
}
