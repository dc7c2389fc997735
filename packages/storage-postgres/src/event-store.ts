import type { EventPage, EventQuery, EventStore, StoredEvent } from '@omniq/core/storage';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Database } from './database.ts';

const APPEND = `
insert into @.event (id, at, type, level, task, queue, name, correlation_id, data)
select id, at, type, level, task, queue, name, correlation_id, data from unnest($1::text[], $2::int8[], $3::text[],
  $4::int4[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[]) with ordinality
  as e (id, at, type, level, task, queue, name, correlation_id, data, nth) order by nth
on conflict (id) do nothing`;

const SELECT = `
select number, id, at, type, level, task, queue, name, correlation_id as "correlationId", data from @.event where true`;

const TRIM = `
with gone as (
  delete from @.event where number in (
    select number from @.event where at < $1 order by at, number limit $2 for update skip locked) returning 1
) select count(*)::int4 as count from gone`;

const keys = ['id', 'at', 'type', 'level', 'task', 'queue', 'name', 'correlationId', 'data'] as const;

/** Events in PostgreSQL. */
export class PostgresEventStore implements EventStore {
  readonly #db: Database;
  readonly #close: () => Promise<void>;

  constructor(db: Database, close: () => Promise<void>) {
    this.#db = db;
    this.#close = close;
  }

  async append(events: readonly StoredEvent[]): Promise<void> {
    if (events.length === 0) return;
    await this.#db.rows(
      APPEND,
      keys.map((key) => events.map((event) => event[key])),
    );
  }

  async query(query: EventQuery): Promise<EventPage> {
    const values: unknown[] = [];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const terms = termsOf(query, bind).map((term) => ` and ${term}`);
    const sql = `${SELECT}${terms.join('')} order by at, number limit ${bind(query.limit + 1)}`;
    const rows = await this.#db.rows<StoredEvent & { number: number }>(sql, values);
    const items = rows.slice(0, query.limit);
    const last = items.at(-1);
    const more = rows.length > query.limit && last !== undefined;
    return {
      items: items.map(({ number: _number, ...event }) => event),
      ...(more ? { next: encodeCursor(last.at, last.number) } : {}),
    };
  }

  async trim(before: number, limit: number): Promise<number> {
    const [row] = await this.#db.rows<{ count: number }>(TRIM, [before, limit]);
    return row?.count ?? 0;
  }

  close(): Promise<void> {
    return this.#close();
  }
}

function termsOf(query: EventQuery, bind: (value: unknown) => string): string[] {
  const { task, types, queue, correlationId, minLevel, since, until, after } = query;
  return [
    ...(task === undefined ? [] : [`task = ${bind(task)}`]),
    ...(types === undefined ? [] : [`type = any(${bind(types)}::text[])`]),
    ...(queue === undefined ? [] : [`queue = ${bind(queue)}`]),
    ...(correlationId === undefined ? [] : [`correlation_id = ${bind(correlationId)}`]),
    ...(minLevel === undefined ? [] : [`level >= ${bind(minLevel)}`]),
    ...(since === undefined ? [] : [`at >= ${bind(since)}`]),
    ...(until === undefined ? [] : [`at < ${bind(until)}`]),
    ...(after === undefined
      ? []
      : [
          `(at, number) > (${decodeCursor(after, 2)
            .map((n) => `${bind(n)}::int8`)
            .join(', ')})`,
        ]),
  ];
}
