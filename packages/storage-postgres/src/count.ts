import type { TaskCount } from '@omniq/core/storage';
import type { Database } from './database.ts';
import { stateOf } from './state-code.ts';

const COUNT = `
select (select name from @.queue q where q.number = c.queue) as queue, state, due, sum(count)::int8 as count from (
  select queue, state, state = 'w' and run_at <= $1 as due, count(*) as count from @.live group by 1, 2, 3
  union all select queue, state, false, count(*) from @.done group by 1, 2
) c group by 1, 2, 3 order by 1, 2, 3`;

/** Counts tasks by queue and state. */
export async function countTasks(db: Database, now: number): Promise<TaskCount[]> {
  const rows = await db.rows<{ queue: string; state: string; due: boolean; count: number }>(COUNT, [now]);
  return rows.map(({ queue, state: code, due, count }) => {
    const stored = stateOf(code);
    // `sum` of 64-bit counts is cast back, and read as a number.
    return { queue, state: stored === 'waiting' ? (due ? 'pending' : 'scheduled') : stored, count };
  });
}
