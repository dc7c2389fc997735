import type { TaskPage, TaskQuery, TaskRow } from '@omniq/core/storage';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Database } from './database.ts';
import { codeOf, isTerminal } from './state-code.ts';
import { OWN_COLUMNS, ROW_COLUMNS, taskRow, type StoredRow } from './task-row.ts';

const GET = `
select ${OWN_COLUMNS} from @.task t, lateral (
  select ${ROW_COLUMNS} from @.live r where r.seq = t.seq union all select ${ROW_COLUMNS} from @.done r where r.seq = t.seq
) x where t.id = any($1::text[]) and t.gone_until is null`;

/** Lists tasks in insert order. */
export class Lists {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async get(ids: readonly string[]): Promise<(TaskRow | undefined)[]> {
    if (ids.length === 0) return [];
    const rows = await this.#db.rows<StoredRow>(GET, [ids]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => {
      const row = byId.get(id);
      return row && taskRow(row);
    });
  }

  async page(query: TaskQuery): Promise<TaskPage> {
    const direction = query.order === 'newest' ? 'desc' : 'asc';
    const values: unknown[] = [query.limit + 1];
    const codes = query.states?.map(codeOf);
    const sources = [
      ...(codes?.every(isTerminal) === true && codes.length > 0 ? [] : ['@.live']),
      ...(codes !== undefined && !codes.some(isTerminal) ? [] : ['@.done']),
    ];
    const where = whereOf(query, values);
    // Few tasks run, or expire: they are found by their index and then sorted, never by a walk through all that wait.
    const isRare = sources.length === 1 && sources[0] === '@.live' && isNarrow(query);
    const parts = sources.map((source) =>
      isRare
        ? `(with few as materialized (select ${ROW_COLUMNS} from ${source} r where ${where})
            select * from few order by seq ${direction} limit $1)`
        : `(select ${ROW_COLUMNS} from ${source} r where ${where} order by r.seq ${direction} limit $1)`,
    );
    const sql = `select ${OWN_COLUMNS} from (
      select * from (${parts.join(' union all ')}) y order by y.seq ${direction} limit $1
    ) x join @.task t on t.seq = x.seq order by x.seq ${direction}`;
    const rows = await this.#db.rows<StoredRow>(sql, values);
    const items = rows.slice(0, query.limit);
    const last = items.at(-1);
    const more = rows.length > query.limit && last !== undefined;
    return { items: items.map(taskRow), ...(more ? { next: encodeCursor(last.seq) } : {}) };
  }
}

function isNarrow({ states, expiresBy }: TaskQuery): boolean {
  return states?.every((state) => state === 'running') === true || expiresBy !== undefined;
}

function whereOf(query: TaskQuery, values: unknown[]): string {
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const { states, queues, names, session, dueBy, dueAfter, expiresBy, deadlineBy, finishedBy, after } = query;
  const terms: string[] = ['true'];
  if (states !== undefined) {
    // Said for the planner: the index of running tasks is one of these alone.
    const only = states.length === 1 ? `r.state = '${codeOf(states[0] as (typeof states)[0])}'` : null;
    terms.push(only ?? `r.state = any(${bind(states.map(codeOf))}::"char"[])`);
  }
  if (queues !== undefined) {
    terms.push(`r.queue = any(array(select number from @.queue where name = any(${bind(queues)}::text[])))`);
  }
  if (names !== undefined) {
    terms.push(`exists (select from @.task n where n.seq = r.seq and n.name = any(${bind(names)}::text[]))`);
  }
  if (session !== undefined) terms.push(`r.session = (select number from @.session where id = ${bind(session)})`);
  if (dueBy !== undefined) terms.push(`r.run_at <= ${bind(dueBy)}`);
  if (dueAfter !== undefined) terms.push(`r.run_at > ${bind(dueAfter)}`);
  if (expiresBy !== undefined) {
    const waits = states !== undefined && states.length > 0 && states.every((state) => waiting.has(state));
    terms.push(`r.expires_at <= ${bind(expiresBy)}${waits ? ` and r.state in ('b', 'w')` : ''}`);
  }
  if (deadlineBy !== undefined) terms.push(`r.deadline_at <= ${bind(deadlineBy)}`);
  if (finishedBy !== undefined) terms.push(`r.finished_at <= ${bind(finishedBy)}`);
  if (after !== undefined) {
    terms.push(`r.seq ${query.order === 'newest' ? '<' : '>'} ${bind(decodeCursor(after, 1)[0])}`);
  }
  return terms.join(' and ');
}

const waiting: ReadonlySet<string> = new Set(['blocked', 'waiting']);
