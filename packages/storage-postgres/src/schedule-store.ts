import type { SchedulePage, ScheduleQuery, ScheduleRow, ScheduleStore, StoredSchedule } from '@omniq/core/storage';
import type { Database } from './database.ts';
import { decodeDue, encodeDue } from './due-cursor.ts';

const COLUMNS = `id, state, due_at as "dueAt", body, revision`;

const CREATE = `
insert into @.schedule (id, state, due_at, body, revision) values ($1, $2, $3, $4, nextval('@.revision'))
on conflict (id) do nothing returning revision`;

const REPLACE = `
update @.schedule set state = $2, due_at = $3, body = $4, revision = nextval('@.revision')
where id = $1 and revision = $5 returning revision`;

const GET = `select ${COLUMNS} from @.schedule where id = $1`;

const REMOVE = `delete from @.schedule where id = $1 returning id`;

/** Schedules in PostgreSQL. */
export class PostgresScheduleStore implements ScheduleStore {
  readonly #db: Database;
  readonly #close: () => Promise<void>;

  constructor(db: Database, close: () => Promise<void>) {
    this.#db = db;
    this.#close = close;
  }

  async put({ id, state, dueAt, body }: ScheduleRow, ifRevision: number | null): Promise<number | null> {
    const values = [id, state, dueAt, body];
    const [row] =
      ifRevision === null
        ? await this.#db.rows<{ revision: number }>(CREATE, values)
        : await this.#db.rows<{ revision: number }>(REPLACE, [...values, ifRevision]);
    return row?.revision ?? null;
  }

  async get(id: string): Promise<StoredSchedule | undefined> {
    return (await this.#db.rows<StoredSchedule>(GET, [id]))[0];
  }

  async list({ states, dueBy, after, limit }: ScheduleQuery): Promise<SchedulePage> {
    const values: unknown[] = [];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const byDue = dueBy !== undefined;
    const terms = [
      'true',
      ...(states === undefined ? [] : [`state = any(${bind(states)}::text[])`]),
      ...(byDue ? [`due_at <= ${bind(dueBy)}`] : []),
      ...(after === undefined ? [] : [afterTerm(after, byDue, bind)]),
    ];
    const sql = `select ${COLUMNS} from @.schedule where ${terms.join(' and ')}
      order by ${byDue ? 'due_at, id' : 'id'} limit ${bind(limit + 1)}`;
    const rows = await this.#db.rows<StoredSchedule>(sql, values);
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    if (rows.length <= limit || last === undefined) return { items };
    return { items, next: byDue ? encodeDue(last.dueAt as number, last.id) : last.id };
  }

  async remove(id: string): Promise<boolean> {
    return (await this.#db.rows(REMOVE, [id])).length === 1;
  }

  close(): Promise<void> {
    return this.#close();
  }
}

function afterTerm(after: string, byDue: boolean, bind: (value: unknown) => string): string {
  if (!byDue) return `id > ${bind(after)}`;
  const [dueAt, id] = decodeDue(after);
  return `(due_at, id) > (${bind(dueAt)}::int8, ${bind(id)}::text collate "C")`;
}
