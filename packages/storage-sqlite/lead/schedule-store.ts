import type { SchedulePage, ScheduleQuery, ScheduleRow, ScheduleStore, StoredSchedule } from '@omniq/core/storage';
import type { Statement } from 'better-sqlite3';
import type { Connection } from './connection.ts';

const CREATE = `INSERT INTO schedules VALUES (?, ?, ?, 1, ?) ON CONFLICT (id) DO NOTHING`;
const REPLACE = `UPDATE schedules SET state = ?, due_at = ?, body = ?, revision = revision + 1 WHERE id = ? AND revision = ?`;
const COLUMNS = `id, state, due_at AS dueAt, revision, body`;
const GET = `SELECT ${COLUMNS} FROM schedules WHERE id = ?`;
const REMOVE = `DELETE FROM schedules WHERE id = ?`;

/** Schedules in a SQLite file. */
export class SqliteScheduleStore implements ScheduleStore {
  readonly #connection: Connection;
  readonly #create: Statement;
  readonly #replace: Statement;
  readonly #get: Statement;
  readonly #remove: Statement;

  constructor(connection: Connection) {
    const { db } = connection;
    this.#connection = connection;
    this.#create = db.prepare(CREATE);
    this.#replace = db.prepare(REPLACE);
    this.#get = db.prepare(GET);
    this.#remove = db.prepare(REMOVE);
  }

  async put({ id, state, dueAt, body }: ScheduleRow, ifRevision: number | null): Promise<number | null> {
    return this.#connection.write(() => {
      if (ifRevision === null) return this.#create.run(id, state, dueAt, body).changes === 1 ? 1 : null;
      return this.#replace.run(state, dueAt, body, id, ifRevision).changes === 1 ? ifRevision + 1 : null;
    });
  }

  async get(id: string): Promise<StoredSchedule | undefined> {
    return this.#connection.read(() => this.#get.get(id) as StoredSchedule | undefined);
  }

  async list({ states, dueBy, after, limit }: ScheduleQuery): Promise<SchedulePage> {
    const conditions = [
      ...(states === undefined ? [] : [`state IN (${states.map(() => '?').join()})`]),
      ...(dueBy === undefined ? [] : ['due_at <= ?']),
      ...(after === undefined ? [] : [dueBy === undefined ? 'id > ?' : '(due_at, id) > (?, ?)']),
    ];
    const values = [...(states ?? []), ...(dueBy === undefined ? [] : [dueBy]), ...(after === undefined ? [] : cursor(after, dueBy))];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const order = dueBy === undefined ? 'id' : 'due_at, id';
    const text = `SELECT ${COLUMNS} FROM schedules ${where} ORDER BY ${order} LIMIT ?`;
    const items = this.#connection.read(() => this.#connection.db.prepare(text).all(...values, limit) as StoredSchedule[]);
    const last = items.at(-1);
    return items.length < limit || last === undefined ? { items } : { items, next: JSON.stringify([last.dueAt, last.id]) };
  }

  async remove(id: string): Promise<boolean> {
    return this.#connection.write(() => this.#remove.run(id).changes === 1);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }
}

function cursor(after: string, dueBy: number | undefined): unknown[] {
  const [dueAt, id] = JSON.parse(after) as [number | null, string];
  return dueBy === undefined ? [id] : [dueAt, id];
}
