import type { Edge, EdgePage, EdgeQuery, ParentPolicy } from '@omniq/core/storage';
import type { Connection, Statement } from './connection.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { stateOf } from './state-code.ts';

const ANY = `SELECT 1 FROM omniq_edges LIMIT 1`;

const HAS_CHILDREN = `
SELECT 1 FROM omniq_edges WHERE parent = (SELECT task FROM omniq_payloads WHERE id = ?) LIMIT 1`;

const TAKE = `DELETE FROM omniq_edges WHERE child = ? AND parent = (SELECT task FROM omniq_payloads WHERE id = ?)`;

const COUNT_DOWN = `
UPDATE omniq_tasks SET waits_for = waits_for - 1, state = iif(state = 0 AND waits_for = 1, 1, state) WHERE seq = ?`;

const PAGE = `
SELECT e.child, e.parent, c.id, p.id, e.policy, t.state
FROM omniq_edges e
CROSS JOIN omniq_payloads c ON c.task = e.child
CROSS JOIN omniq_payloads p ON p.task = e.parent
CROSS JOIN omniq_tasks t ON t.seq = e.parent
WHERE (e.child, e.parent) > (?, ?)`;

const OF_PARENT = `AND e.parent = (SELECT task FROM omniq_payloads WHERE id = ?)`;

const OF_CHILD = `AND e.child = (SELECT task FROM omniq_payloads WHERE id = ?)`;

type EdgeColumns = readonly [
  childSeq: number,
  parentSeq: number,
  child: string,
  parent: string,
  policy: string,
  state: number,
];

/** Who still waits for whom. Edges start from the children, so a sweep misses none. */
export class Edges {
  readonly #db: Connection;
  readonly #any: Statement;
  readonly #hasChildren: Statement;
  readonly #take: Statement;
  readonly #countDown: Statement;

  constructor(db: Connection) {
    this.#db = db;
    this.#any = db.prepare(ANY).pluck();
    this.#hasChildren = db.prepare(HAS_CHILDREN).pluck();
    this.#take = db.prepare(TAKE);
    this.#countDown = db.prepare(COUNT_DOWN);
  }

  any(): boolean {
    return this.#any.get() !== undefined;
  }

  hasChildren(parent: string): boolean {
    return this.#hasChildren.get(parent) !== undefined;
  }

  /** Takes the edge and counts down, once; the last one lets the child go. */
  release(child: number, parent: string): boolean {
    if (this.#take.run(child, parent).changes === 0) return false;
    this.#countDown.run(child);
    return true;
  }

  page({ parent, child, after, limit }: EdgeQuery): EdgePage {
    const filters = [...(parent === undefined ? [] : [OF_PARENT]), ...(child === undefined ? [] : [OF_CHILD])];
    const sql = [PAGE, ...filters, 'ORDER BY e.child, e.parent LIMIT ?'].join('\n');
    const cursor = after === undefined ? [-1, -1] : decodeCursor(after, 2);
    const ids = [parent, child].filter((id) => id !== undefined);
    const rows = this.#db.read(
      () =>
        this.#db
          .shape(sql)
          .raw()
          .all(...cursor, ...ids, limit + 1) as EdgeColumns[],
    );
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const more = rows.length > limit && last !== undefined;
    return { items: items.map(edge), ...(more ? { next: encodeCursor(last[0], last[1]) } : {}) };
  }
}

function edge([, , child, parent, policy, state]: EdgeColumns): Edge {
  return { child, parent, policy: policy as ParentPolicy, parentState: stateOf(state) };
}
