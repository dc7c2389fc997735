import type { EdgePage, EdgeQuery, ParentPolicy } from '@omniq/core/storage';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Database } from './database.ts';
import { stateOf } from './state-code.ts';

const PAGE = `
select e.child as "childSeq", e.parent as "parentSeq", c.id as child, p.id as parent, e.policy,
  coalesce(l.state, d.state) as state
from @.edge e join @.task c on c.seq = e.child join @.task p on p.seq = e.parent
left join @.live l on l.seq = e.parent left join @.done d on d.seq = e.parent
where (e.child, e.parent) > ($1::int8, $2::int8)`;

const ORDER = `order by e.child, e.parent limit $3`;

interface EdgeRow {
  readonly childSeq: number;
  readonly parentSeq: number;
  readonly child: string;
  readonly parent: string;
  readonly policy: ParentPolicy;
  readonly state: string;
}

/** Who still waits for whom, in the order of the children. */
export async function edgePage(db: Database, { parent, child, after, limit }: EdgeQuery): Promise<EdgePage> {
  const values: unknown[] = [...(after === undefined ? [-1, -1] : decodeCursor(after, 2)), limit + 1];
  const seqOf = (id: string): string =>
    `(select seq from @.task where id = $${values.push(id)} and gone_until is null)`;
  const terms = [
    ...(parent === undefined ? [] : [`and e.parent = ${seqOf(parent)}`]),
    ...(child === undefined ? [] : [`and e.child = ${seqOf(child)}`]),
  ];
  const rows = await db.rows<EdgeRow>([PAGE, ...terms, ORDER].join('\n'), values);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(({ child: waits, parent: ends, policy, state }) => {
      return { child: waits, parent: ends, policy, parentState: stateOf(state) };
    }),
    ...(rows.length > limit && last !== undefined ? { next: encodeCursor(last.childSeq, last.parentSeq) } : {}),
  };
}
