import type { EventPage, EventQuery, EventStore, StoredEvent } from '@omniq/core/storage';
import type { Statement } from 'better-sqlite3';
import type { Connection } from './connection.ts';

const APPEND = `INSERT INTO events (id, at, type, level, task, queue, name, correlation_id, data)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`;
const COLUMNS = `seq, id, at, type, level, task, queue, name, correlation_id AS correlationId, data`;
const TRIM = `DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE at < ? ORDER BY at LIMIT ?)`;

/** Events in a SQLite file, found by task and by time. */
export class SqliteEventStore implements EventStore {
  readonly #connection: Connection;
  readonly #append: Statement;
  readonly #trim: Statement;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#append = connection.db.prepare(APPEND);
    this.#trim = connection.db.prepare(TRIM);
  }

  async append(events: readonly StoredEvent[]): Promise<void> {
    if (events.length === 0) return;
    this.#connection.write(() => {
      for (const { id, at, type, level, task, queue, name, correlationId, data } of events) {
        this.#append.run(id, at, type, level, task, queue, name, correlationId, data);
      }
    });
  }

  async query(query: EventQuery): Promise<EventPage> {
    const { conditions, values } = conditionsOf(query);
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const text = `SELECT ${COLUMNS} FROM events ${where} ORDER BY at, seq LIMIT ?`;
    const rows = this.#connection.read(
      () => this.#connection.db.prepare(text).all(...values, query.limit) as (StoredEvent & { seq: number })[],
    );
    const last = rows.at(-1);
    const items = rows.map(({ seq: _seq, ...event }) => event);
    return rows.length < query.limit || last === undefined ? { items } : { items, next: `${last.at}:${last.seq}` };
  }

  async trim(before: number, limit: number): Promise<number> {
    return this.#connection.write(() => this.#trim.run(before, limit).changes);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }
}

function conditionsOf(query: EventQuery): { conditions: string[]; values: unknown[] } {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const compare = (condition: string, ...given: readonly unknown[]): void => {
    if (given.includes(undefined)) return;
    conditions.push(condition);
    values.push(...given);
  };
  compare('task = ?', query.task);
  compare('queue = ?', query.queue);
  compare('correlation_id = ?', query.correlationId);
  compare('level >= ?', query.minLevel);
  compare('at >= ?', query.since);
  compare('at < ?', query.until);
  if (query.types !== undefined) compare(`type IN (${query.types.map(() => '?').join()})`, ...query.types);
  if (query.after !== undefined) compare('(at, seq) > (?, ?)', ...query.after.split(':').map(Number));
  return { conditions, values };
}
