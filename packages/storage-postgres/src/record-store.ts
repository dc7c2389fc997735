import type { RecordStore, StoredRecord } from '@omniq/core/storage';
import type { Database } from './database.ts';

const GET = `select value, tag::text as tag from @.record where key = $1`;

const CREATE = `
insert into @.record (key, value, tag) values ($1, $2, nextval('@.revision')) on conflict (key) do nothing
returning tag::text as tag`;

const REPLACE = `
update @.record set value = $2, tag = nextval('@.revision') where key = $1 and tag::text = $3 returning tag::text as tag`;

const WRITE = `
insert into @.record as r (key, value, tag) values ($1, $2, nextval('@.revision'))
on conflict (key) do update set value = excluded.value, tag = excluded.tag returning tag::text as tag`;

const DELETE = `delete from @.record where key = $1 and tag::text = coalesce($2, tag::text) returning key`;

/** The collation compares bytes, which is the order promised. Keys of one prefix stand together. */
const LIST = `
select key from @.record where key >= $1 collate "C" and key > $2 collate "C" and starts_with(key, $1) order by key limit $3`;

/** Records in PostgreSQL. Tags are never given out twice. */
export class PostgresRecordStore implements RecordStore {
  readonly #db: Database;
  readonly #close: () => Promise<void>;

  constructor(db: Database, close: () => Promise<void>) {
    this.#db = db;
    this.#close = close;
  }

  async get(key: string): Promise<StoredRecord | undefined> {
    return (await this.#db.rows<StoredRecord>(GET, [key]))[0];
  }

  async put(key: string, value: Uint8Array, ifTag?: string | null): Promise<string | null> {
    const template = ifTag === undefined ? WRITE : ifTag === null ? CREATE : REPLACE;
    const values = typeof ifTag === 'string' ? [key, value, ifTag] : [key, value];
    const [row] = await this.#db.rows<{ tag: string }>(template, values);
    return row?.tag ?? null;
  }

  async delete(key: string, ifTag?: string): Promise<boolean> {
    return (await this.#db.rows(DELETE, [key, ifTag ?? null])).length === 1;
  }

  async list(prefix: string, after: string | null, limit: number): Promise<readonly string[]> {
    const rows = await this.#db.rows<{ key: string }>(LIST, [prefix, after ?? '', limit]);
    return rows.map(({ key }) => key);
  }

  close(): Promise<void> {
    return this.#close();
  }
}
