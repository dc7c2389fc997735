import type { TaskCount, TaskPage, TaskQuery, TaskRow } from '@omniq/core/storage';
import type { Database, Statement } from 'better-sqlite3';
import type { Connection } from './connection.ts';
import { readTask, stateNumber, states, TASK_COLUMNS, type RawTask } from './rows.ts';

const GET = `SELECT ${TASK_COLUMNS} FROM tasks WHERE id = ?`;
const COUNT = `SELECT queue, CASE state WHEN 0 THEN CASE WHEN run_at > ? THEN 7 ELSE 8 END ELSE state END AS bucket, count(*)
  FROM tasks GROUP BY queue, bucket`;
const BUCKETS = [...states, 'scheduled', 'pending'] as readonly TaskCount['state'][];

/** Reads of tasks. */
export class Listing {
  readonly #db: Database;
  readonly #get: Statement;
  readonly #count: Statement;
  readonly #lists = new Map<string, Statement>();

  constructor({ db }: Connection) {
    this.#db = db;
    this.#get = db.prepare(GET).raw();
    this.#count = db.prepare(COUNT).raw();
  }

  get(ids: readonly string[]): readonly (TaskRow | undefined)[] {
    return ids.map((id) => {
      const raw = this.#get.get(id) as RawTask | undefined;
      return raw === undefined ? undefined : readTask(raw);
    });
  }

  count(now: number): readonly TaskCount[] {
    const rows = this.#count.all(now) as [string, number, number][];
    return rows.map(([queue, bucket, count]) => ({ queue, state: BUCKETS[bucket] as TaskCount['state'], count }));
  }

  list(query: TaskQuery): TaskPage {
    const { conditions, values } = conditionsOf(query);
    const newest = query.order === 'newest';
    if (query.after !== undefined) {
      conditions.push(newest ? 'seq < ?' : 'seq > ?');
      values.push(cursor(query.after));
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const text = `SELECT seq, ${TASK_COLUMNS} FROM tasks ${indexFor(query)} ${where} ORDER BY seq ${newest ? 'DESC' : 'ASC'} LIMIT ?`;
    const rows = this.#statement(text).all(...values, query.limit) as [number, ...RawTask][];
    const items = rows.map(([, ...raw]) => readTask(raw as unknown as RawTask));
    const last = rows.at(-1);
    return rows.length < query.limit || last === undefined ? { items } : { items, next: String(last[0]) };
  }

  #statement(text: string): Statement {
    const known = this.#lists.get(text);
    if (known !== undefined) return known;
    const made = this.#db.prepare(text).raw();
    // Shapes are few, but the number of names in a list is the caller's.
    if (this.#lists.size > 200) this.#lists.clear();
    this.#lists.set(text, made);
    return made;
  }
}

/** SQLite keeps no statistics of a file that changes all the time, so what a sweep asks for names its index. */
function indexFor({ states: wanted, expiresBy, session, deadlineBy, finishedBy }: TaskQuery): string {
  if (expiresBy !== undefined && onlyOf(wanted, 'waiting', 'blocked')) return 'INDEXED BY expiring';
  if (onlyOf(wanted, 'running') && (session !== undefined || deadlineBy !== undefined)) return 'INDEXED BY running';
  if (finishedBy !== undefined && onlyOf(wanted, 'completed', 'failed', 'cancelled', 'expired')) return 'INDEXED BY ended';
  if (onlyOf(wanted, 'running')) return 'INDEXED BY running';
  if (onlyOf(wanted, 'blocked')) return 'INDEXED BY blocked';
  if (onlyOf(wanted, 'failed', 'cancelled', 'expired')) return 'INDEXED BY ended';
  return '';
}

function onlyOf(wanted: TaskQuery['states'], ...allowed: readonly string[]): boolean {
  return wanted !== undefined && wanted.length > 0 && wanted.every((state) => allowed.includes(state));
}

function conditionsOf(query: TaskQuery): { conditions: string[]; values: unknown[] } {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const among = (column: string, given: readonly unknown[] | undefined): void => {
    if (given === undefined) return;
    conditions.push(`${column} IN (${given.map(() => '?').join()})`);
    values.push(...given);
  };
  const compare = (condition: string, given: unknown): void => {
    if (given === undefined) return;
    conditions.push(condition);
    values.push(given);
  };
  if (query.states !== undefined) conditions.push(statesCondition(query.states.map(stateNumber)));
  if (query.expiresBy !== undefined) conditions.push('expires_at IS NOT NULL');
  among('queue', query.queues);
  among('name', query.names);
  compare('session = ?', query.session);
  compare('run_at <= ?', query.dueBy);
  compare('run_at > ?', query.dueAfter);
  compare('expires_at <= ?', query.expiresBy);
  compare('deadline_at <= ?', query.deadlineBy);
  compare('finished_at <= ?', query.finishedBy);
  return { conditions, values };
}

/** Partial indexes serve only conditions that SQLite can see at a glance, so states stand in the text. */
function statesCondition(numbers: readonly number[]): string {
  const ended = numbers.length > 0 && numbers.every((number) => number >= 3) ? ' AND state >= 3' : '';
  const expiring = numbers.length > 0 && numbers.every((number) => number === 0 || number === 2) ? ' AND state IN (0, 2)' : '';
  return numbers.length === 1 ? `state = ${numbers[0]}${ended}${expiring}` : `state IN (${numbers.join()})${ended}${expiring}`;
}

function cursor(after: string): number {
  const seq = Number(after);
  return Number.isSafeInteger(seq) ? seq : Number.MAX_SAFE_INTEGER;
}
