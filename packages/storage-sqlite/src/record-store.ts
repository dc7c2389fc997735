import type { RecordStore, StoredRecord } from '@omniq/core/storage';
import type { Connection, Statement } from './connection.ts';
import { Revisions } from './revisions.ts';

const GET = `SELECT value, CAST(tag AS TEXT) AS tag FROM omniq_records WHERE key = ?`;

const CREATE = `INSERT INTO omniq_records (key, value, tag) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING`;

const REPLACE = `UPDATE omniq_records SET value = ?, tag = ? WHERE key = ? AND CAST(tag AS TEXT) = ?`;

const WRITE = `
INSERT INTO omniq_records (key, value, tag) VALUES (?, ?, ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, tag = excluded.tag`;

const DELETE = `DELETE FROM omniq_records WHERE key = ? AND CAST(tag AS TEXT) = coalesce(?, CAST(tag AS TEXT))`;

/** SQLite compares text as its UTF-8 bytes, which is the order promised. */
const LIST = `SELECT key FROM omniq_records WHERE key >= ? AND key > ? ORDER BY key LIMIT ?`;

/** Records in SQLite. Tags are never given out twice. */
export class SqliteRecordStore implements RecordStore {
  readonly #db: Connection;
  readonly #revisions: Revisions;
  readonly #get: Statement;
  readonly #create: Statement;
  readonly #replace: Statement;
  readonly #write: Statement;
  readonly #delete: Statement;
  readonly #list: Statement;
  readonly #close: () => void;

  constructor(db: Connection, close: () => void) {
    this.#db = db;
    this.#revisions = new Revisions(db);
    this.#get = db.prepare(GET);
    this.#create = db.prepare(CREATE);
    this.#replace = db.prepare(REPLACE);
    this.#write = db.prepare(WRITE);
    this.#delete = db.prepare(DELETE);
    this.#list = db.prepare(LIST).pluck();
    this.#close = close;
  }

  async get(key: string): Promise<StoredRecord | undefined> {
    return this.#db.read(() => this.#get.get(key) as StoredRecord | undefined);
  }

  async put(key: string, value: Uint8Array, ifTag?: string | null): Promise<string | null> {
    return this.#db.write(() => {
      const tag = this.#revisions.next();
      if (ifTag === undefined) this.#write.run(key, value, tag);
      else {
        const { changes } =
          ifTag === null ? this.#create.run(key, value, tag) : this.#replace.run(value, tag, key, ifTag);
        if (changes === 0) return null;
      }
      return String(tag);
    });
  }

  async delete(key: string, ifTag?: string): Promise<boolean> {
    return this.#db.write(() => this.#delete.run(key, ifTag ?? null).changes === 1);
  }

  async list(prefix: string, after: string | null, limit: number): Promise<readonly string[]> {
    const keys = this.#db.read(() => this.#list.all(prefix, after ?? '', limit) as string[]);
    // Keys of one prefix stand together: the first other one ends them.
    const end = keys.findIndex((key) => !key.startsWith(prefix));
    return end < 0 ? keys : keys.slice(0, end);
  }

  async close(): Promise<void> {
    this.#close();
  }
}
