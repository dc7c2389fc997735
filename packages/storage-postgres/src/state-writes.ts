import type { Runner } from './database.ts';
import { codeOf } from './state-code.ts';
import type { TaskState } from './task-state.ts';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly of: (task: TaskState) => unknown;
}

const columns: readonly Column[] = [
  { name: 'seq', type: 'int8', of: ({ seq }) => seq },
  { name: 'run_at', type: 'int8', of: ({ values }) => values.runAt },
  { name: 'lease', type: 'int8', of: ({ lease }) => lease },
  { name: 'started_at', type: 'int8', of: ({ values }) => values.startedAt },
  { name: 'deadline_at', type: 'int8', of: ({ values }) => values.deadlineAt },
  { name: 'expires_at', type: 'int8', of: ({ values }) => values.expiresAt },
  { name: 'finished_at', type: 'int8', of: ({ values }) => values.finishedAt },
  { name: 'queue', type: 'int4', of: ({ queue }) => queue },
  { name: 'session', type: 'int4', of: ({ session }) => session },
  { name: 'waits_for', type: 'int4', of: ({ waitsFor }) => waitsFor },
  { name: 'attempt', type: 'int4', of: ({ values }) => values.attempt },
  { name: 'crashes', type: 'int4', of: ({ values }) => values.crashes },
  { name: 'redrives', type: 'int4', of: ({ values }) => values.redrives },
  { name: 'priority', type: 'int2', of: ({ values }) => values.priority },
  { name: 'state', type: '"char"', of: ({ values }) => codeOf(values.state) },
  { name: 'cancel', type: 'bool', of: ({ values }) => values.cancelRequested },
  { name: 'reason', type: 'text', of: ({ values }) => values.reason },
  { name: 'error', type: 'bytea', of: ({ values }) => values.error },
  { name: 'progress', type: 'bytea', of: ({ values }) => values.progress },
];

const names = columns.map(({ name }) => name).join(', ');
const rows = `unnest(${columns.map(({ type }, n) => `$${n + 1}::${type}[]`).join(', ')}) as c (${names})`;
const assignments = columns
  .slice(1)
  .map(({ name }) => `${name} = c.${name}`)
  .join(', ');
const next = columns.length + 1;

const KEEP_LIVE = `update @.live l set ${assignments} from ${rows} where l.seq = c.seq`;

const KEEP_DONE = `update @.done l set ${assignments} from ${rows} where l.seq = c.seq`;

const END = `
with gone as (delete from @.live where seq = any($1::int8[]))
insert into @.done (${names}) select * from ${rows}`;

/** Its result goes apart, as the row that held it does. What others wait for is looked up whenever it ends again. */
const REVIVE = `
with gone as (
  delete from @.done where seq = any($1::int8[]) returning seq, lease, result, result_expires_at
), kept as (
  insert into @.result (id, lease, value, expires_at)
  select t.id, gone.lease, result, result_expires_at from gone join @.task t using (seq) where result is not null
  on conflict (id, lease) do update set value = excluded.value, expires_at = excluded.expires_at
)
insert into @.live (${names}, awaited, order_key, live_key)
select c.*, true, x.order_key, x.live_key from ${rows}
join unnest($1::int8[], $${next}::text[], $${next + 1}::text[]) as x (seq, order_key, live_key) using (seq)`;

/** Writes tasks back where they belong now. What ends goes first: it may free a key that another one takes. */
export async function writeStates(on: Runner, tasks: readonly TaskState[]): Promise<void> {
  const write = async (template: string, some: readonly TaskState[], more: unknown[] = []): Promise<void> => {
    if (some.length > 0) await on.rows(template, [...columns.map(({ of }) => some.map(of)), ...more]);
  };
  await write(
    END,
    tasks.filter((task) => !task.wasDone && task.isDone),
  );
  await write(
    KEEP_LIVE,
    tasks.filter((task) => !task.wasDone && !task.isDone),
  );
  await write(
    KEEP_DONE,
    tasks.filter((task) => task.wasDone && task.isDone),
  );
  const revived = tasks.filter((task) => task.wasDone && !task.isDone);
  await write(REVIVE, revived, [revived.map(({ facts }) => facts.orderKey), revived.map(({ facts }) => facts.liveKey)]);
}
