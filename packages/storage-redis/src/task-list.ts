import type { TaskPage, TaskQuery, TaskRow } from '@omniq/core/storage';
import type { Connection } from './connection.ts';
import { decodeSeq } from './cursor.ts';
import { list } from './lua/list.ts';
import { taskRows } from './packing/read-rows.ts';
import { codeOf } from './packing/state-code.ts';

const RUNNING = codeOf('running');

type Reply = [rows: Buffer, at: Buffer, what: Buffer];

/** Lists tasks in insert order. What one call of the server does is bounded; a page may take several. */
export async function listTasks(connection: Connection, query: TaskQuery): Promise<TaskPage> {
  const items: TaskRow[] = [];
  let after = query.after === undefined ? '' : decodeSeq(query.after);
  for (;;) {
    const values = argumentsOf(query, after, query.limit - items.length);
    // oxlint-disable-next-line no-await-in-loop -- each call goes on where the one before came to
    const [rows, at, what] = await connection.run<Reply>(list, ...values);
    for (const row of taskRows(rows)) items.push(row);
    after = String(at);
    if (String(what) === 'end') return { items };
    if (String(what) === 'more') return { items, next: after };
  }
}

function argumentsOf(query: TaskQuery, after: string, limit: number): (string | number)[] {
  const { states, queues = [], names = [], dueBy, dueAfter, expiresBy, deadlineBy, finishedBy, session } = query;
  const [route, bound] = routeOf(query);
  const mask = states === undefined ? '' : states.reduce((bits, state) => bits | (1 << codeOf(state)), 0);
  const times = [dueBy, dueAfter, expiresBy, deadlineBy, finishedBy].map((at) => at ?? '');
  const newest = query.order === 'newest' ? 1 : 0;
  return [route, bound, newest, after, limit, mask, ...times, session ?? '', queues.length, ...queues, ...names];
}

/** An index that holds every task which can match. */
function routeOf({ states, expiresBy, deadlineBy, finishedBy }: TaskQuery): [route: string, bound: number | string] {
  const codes = states?.map(codeOf) ?? [];
  if (codes.length === 0) return ['order', ''];
  if (codes.every((code) => code === RUNNING)) return ['running', deadlineBy ?? '+inf'];
  if (codes.every((code) => code < RUNNING) && expiresBy !== undefined) return ['expiring', expiresBy];
  if (codes.every((code) => code > RUNNING) && finishedBy !== undefined) return ['ended', finishedBy];
  return ['order', ''];
}
