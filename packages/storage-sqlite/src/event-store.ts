import type { EventPage, EventQuery, EventStore, StoredEvent } from '@omniq/core/storage';
import type { Connection, Statement } from './connection.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

const APPEND = `
INSERT INTO omniq_events (id, at, type, level, task, queue, name, correlation_id, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO NOTHING`;

const SELECT = `SELECT seq, id, at, type, level, task, queue, name, correlation_id, data FROM omniq_events`;

const TRIM = `
DELETE FROM omniq_events WHERE seq IN (
  SELECT seq FROM omniq_events INDEXED BY omniq_events_by_time WHERE at < ? ORDER BY at, seq LIMIT ?)`;

type EventColumns = readonly [
  seq: number,
  id: string,
  at: number,
  type: string,
  level: number,
  task: string | null,
  queue: string | null,
  name: string | null,
  correlationId: string | null,
  data: Uint8Array | null,
];

/** Events in SQLite. */
export class SqliteEventStore implements EventStore {
  readonly #db: Connection;
  readonly #append: Statement;
  readonly #trim: Statement;
  readonly #close: () => void;

  constructor(db: Connection, close: () => void) {
    this.#db = db;
    this.#append = db.prepare(APPEND);
    this.#trim = db.prepare(TRIM);
    this.#close = close;
  }

  async append(events: readonly StoredEvent[]): Promise<void> {
    if (events.length === 0) return;
    this.#db.write(() => {
      for (const { id, at, type, level, task, queue, name, correlationId, data } of events) {
        this.#append.run(id, at, type, level, task, queue, name, correlationId, data);
      }
    });
  }

  async query(query: EventQuery): Promise<EventPage> {
    const terms = termsOf(query);
    const where = terms.length === 0 ? '' : ` WHERE ${terms.map(([sql]) => sql).join(' AND ')}`;
    const sql = `${SELECT}${where} ORDER BY at, seq LIMIT ?`;
    const values = [...terms.flatMap(([, ...rest]) => rest), query.limit + 1];
    const rows = this.#db.read(() => this.#db.shape(sql).raw().all(values) as EventColumns[]);
    const items = rows.slice(0, query.limit);
    const last = items.at(-1);
    const more = rows.length > query.limit && last !== undefined;
    return { items: items.map(storedEvent), ...(more ? { next: encodeCursor(last[2], last[0]) } : {}) };
  }

  async trim(before: number, limit: number): Promise<number> {
    return this.#db.write(() => this.#trim.run(before, limit).changes);
  }

  async close(): Promise<void> {
    this.#close();
  }
}

type Term = readonly [sql: string, ...values: unknown[]];

function termsOf({ task, types, queue, correlationId, minLevel, since, until, after }: EventQuery): Term[] {
  return [
    ...(task === undefined ? [] : [['task = ?', task] as const]),
    ...(types === undefined ? [] : [[`type IN (${types.map(() => '?').join(', ')})`, ...types] as const]),
    ...(queue === undefined ? [] : [['queue = ?', queue] as const]),
    ...(correlationId === undefined ? [] : [['correlation_id = ?', correlationId] as const]),
    ...(minLevel === undefined ? [] : [['level >= ?', minLevel] as const]),
    ...(since === undefined ? [] : [['at >= ?', since] as const]),
    ...(until === undefined ? [] : [['at < ?', until] as const]),
    ...(after === undefined ? [] : [['(at, seq) > (?, ?)', ...decodeCursor(after, 2)] as const]),
  ];
}

function storedEvent([, id, at, type, level, task, queue, name, correlationId, data]: EventColumns): StoredEvent {
  return { id, at, type, level, task, queue, name, correlationId, data };
}
