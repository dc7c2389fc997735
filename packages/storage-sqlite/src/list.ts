import type { TaskPage, TaskQuery } from '@omniq/core/storage';
import type { Connection } from './connection.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { FIRST_TERMINAL, RUNNING, codeOf } from './state-code.ts';
import { COLUMNS, PAYLOAD, taskRow, type TaskColumns } from './task-row.ts';

/** A condition and what it binds. */
interface Term {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** An index that holds every row which the query can match, and the terms that it narrows down by. */
interface Route {
  readonly index: string;
  readonly terms: readonly Term[];
}

/** More rows than this are not sorted: the query then walks the tasks in their order, as its matches are not rare. */
const FEW = 2_000;

/** Lists tasks in insert order, from an index if that leaves few rows to sort. */
export class Lists {
  readonly #db: Connection;

  constructor(db: Connection) {
    this.#db = db;
  }

  page(query: TaskQuery): TaskPage {
    const newest = query.order === 'newest';
    const terms = [...filters(query), ...cursor(query.after, newest)];
    return this.#db.snapshot(() => {
      const route = this.#route(query);
      const from = route === undefined ? 'omniq_tasks t NOT INDEXED' : `omniq_tasks t INDEXED BY ${route.index}`;
      const all = [...(route?.terms ?? []), ...terms];
      const rows = this.#all(
        `SELECT ${COLUMNS} FROM ${from} ${PAYLOAD}${whereOf(all)} ORDER BY t.seq ${newest ? 'DESC' : 'ASC'} LIMIT ?`,
        [...all.flatMap(({ values }) => values), query.limit + 1],
      ) as TaskColumns[];
      const items = rows.slice(0, query.limit);
      const last = items.at(-1);
      const more = rows.length > query.limit && last !== undefined;
      return { items: items.map(taskRow), ...(more ? { next: encodeCursor(last[0]) } : {}) };
    });
  }

  #route(query: TaskQuery): Route | undefined {
    const route = routeOf(query);
    // However many run, they are counted in thousands.
    if (route === undefined || route.index === 'omniq_running') return route;
    const sql = `SELECT 1 FROM omniq_tasks t INDEXED BY ${route.index}${whereOf(route.terms)} LIMIT ?`;
    const found = this.#all(sql, [...route.terms.flatMap(({ values }) => values), FEW + 1]);
    return found.length > FEW ? undefined : route;
  }

  #all(sql: string, values: readonly unknown[]): unknown[] {
    return this.#db.shape(sql).raw().all(values);
  }
}

function routeOf(query: TaskQuery): Route | undefined {
  const codes = query.states?.map(codeOf) ?? [];
  if (codes.length === 0) return undefined;
  if (codes.every((code) => code === RUNNING)) return { index: 'omniq_running', terms: [term('t.state = 2')] };
  if (codes.every((code) => code < RUNNING) && query.expiresBy !== undefined) {
    const expired = [term('t.state < 2'), term('t.expires_at IS NOT NULL'), term('t.expires_at <= ?', query.expiresBy)];
    return { index: 'omniq_expiring', terms: expired };
  }
  if (codes.every((code) => code >= FIRST_TERMINAL)) return { index: 'omniq_ended', terms: ended(query, codes) };
  return undefined;
}

const QUEUES_WITH_ENDED = `
WITH RECURSIVE queues (queue) AS (
  SELECT (SELECT queue FROM omniq_tasks INDEXED BY omniq_ended WHERE state >= 3 ORDER BY queue LIMIT 1)
  UNION ALL
  SELECT (SELECT t.queue FROM omniq_tasks t INDEXED BY omniq_ended
    WHERE t.state >= 3 AND t.queue > queues.queue ORDER BY t.queue LIMIT 1)
  FROM queues WHERE queues.queue IS NOT NULL
) SELECT queue FROM queues WHERE queue IS NOT NULL`;

function ended({ queues, finishedBy }: TaskQuery, codes: readonly number[]): Term[] {
  return [
    term('t.state >= 3'),
    queues === undefined ? term(`t.queue IN (${QUEUES_WITH_ENDED})`) : oneOf('t.queue', queues),
    oneOf('t.state', codes),
    ...(finishedBy === undefined ? [] : [term('t.finished_at <= ?', finishedBy)]),
  ];
}

function filters(query: TaskQuery): Term[] {
  const { states, queues, names, session, dueBy, dueAfter, expiresBy, deadlineBy, finishedBy } = query;
  return [
    ...(states === undefined ? [] : [oneOf('t.state', states.map(codeOf))]),
    ...(queues === undefined ? [] : [oneOf('t.queue', queues)]),
    ...(names === undefined ? [] : [oneOf('p.name', names)]),
    ...(session === undefined
      ? []
      : [term('t.holder = (SELECT holder FROM omniq_holders WHERE session = ?)', session)]),
    ...(dueBy === undefined ? [] : [term('t.run_at <= ?', dueBy)]),
    ...(dueAfter === undefined ? [] : [term('t.run_at > ?', dueAfter)]),
    ...(expiresBy === undefined ? [] : [term('t.expires_at <= ?', expiresBy)]),
    ...(deadlineBy === undefined ? [] : [term('t.deadline_at <= ?', deadlineBy)]),
    ...(finishedBy === undefined ? [] : [term('t.finished_at <= ?', finishedBy)]),
  ];
}

function cursor(after: string | undefined, newest: boolean): Term[] {
  return after === undefined ? [] : [term(newest ? 't.seq < ?' : 't.seq > ?', ...decodeCursor(after, 1))];
}

function term(sql: string, ...values: readonly unknown[]): Term {
  return { sql, values };
}

function oneOf(column: string, values: readonly unknown[]): Term {
  return { sql: `${column} IN (${values.map(() => '?').join(', ')})`, values };
}

function whereOf(terms: readonly Term[]): string {
  return terms.length === 0 ? '' : ` WHERE ${terms.map(({ sql }) => sql).join(' AND ')}`;
}
