import type { SchedulePage, ScheduleQuery, ScheduleRow, ScheduleStore, StoredSchedule } from '@omniq/core/storage';
import type { Connection, Statement } from './connection.ts';
import { decodeDue, encodeDue } from './due-cursor.ts';
import { Revisions } from './revisions.ts';

const COLUMNS = `id, state, due_at AS dueAt, body, revision`;

const CREATE = `
INSERT INTO omniq_schedules (id, state, due_at, body, revision) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`;

const REPLACE = `UPDATE omniq_schedules SET state = ?, due_at = ?, body = ?, revision = ? WHERE id = ? AND revision = ?`;

const GET = `SELECT ${COLUMNS} FROM omniq_schedules WHERE id = ?`;

const REMOVE = `DELETE FROM omniq_schedules WHERE id = ?`;

/** Schedules in SQLite. */
export class SqliteScheduleStore implements ScheduleStore {
  readonly #db: Connection;
  readonly #revisions: Revisions;
  readonly #create: Statement;
  readonly #replace: Statement;
  readonly #get: Statement;
  readonly #remove: Statement;
  readonly #close: () => void;

  constructor(db: Connection, close: () => void) {
    this.#db = db;
    this.#revisions = new Revisions(db);
    this.#create = db.prepare(CREATE);
    this.#replace = db.prepare(REPLACE);
    this.#get = db.prepare(GET);
    this.#remove = db.prepare(REMOVE);
    this.#close = close;
  }

  async put({ id, state, dueAt, body }: ScheduleRow, ifRevision: number | null): Promise<number | null> {
    return this.#db.write(() => {
      const revision = this.#revisions.next();
      const { changes } =
        ifRevision === null
          ? this.#create.run(id, state, dueAt, body, revision)
          : this.#replace.run(state, dueAt, body, revision, id, ifRevision);
      return changes === 1 ? revision : null;
    });
  }

  async get(id: string): Promise<StoredSchedule | undefined> {
    return this.#db.read(() => this.#get.get(id) as StoredSchedule | undefined);
  }

  async list({ states, dueBy, after, limit }: ScheduleQuery): Promise<SchedulePage> {
    const byDue = dueBy !== undefined;
    const terms = [
      ...(states === undefined ? [] : [`state IN (${states.map(() => '?').join(', ')})`]),
      ...(byDue ? ['due_at IS NOT NULL AND due_at <= ?'] : []),
      ...(after === undefined ? [] : [byDue ? '(due_at, id) > (?, ?)' : 'id > ?']),
    ];
    const cursor = after === undefined ? [] : byDue ? decodeDue(after) : [after];
    const where = terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`;
    const sql = `SELECT ${COLUMNS} FROM omniq_schedules ${where} ORDER BY ${byDue ? 'due_at, id' : 'id'} LIMIT ?`;
    const values = [...(states ?? []), ...(byDue ? [dueBy] : []), ...cursor, limit + 1];
    const rows = this.#db.read(() => this.#db.shape(sql).all(values) as StoredSchedule[]);
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    if (rows.length <= limit || last === undefined) return { items };
    return { items, next: byDue ? encodeDue(last.dueAt as number, last.id) : last.id };
  }

  async remove(id: string): Promise<boolean> {
    return this.#db.write(() => this.#remove.run(id).changes === 1);
  }

  async close(): Promise<void> {
    this.#close();
  }
}
