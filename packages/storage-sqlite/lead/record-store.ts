import type { RecordStore, StoredRecord } from '@omniq/core/storage';
import type { Statement } from 'better-sqlite3';
import type { Connection } from './connection.ts';

const GET = `SELECT value, tag FROM records WHERE key = ?`;
const TAG = `SELECT tag FROM records WHERE key = ?`;
const NEXT_TAG = `UPDATE counters SET value = value + 1 WHERE name = 'tag' RETURNING value`;
const PUT = `INSERT OR REPLACE INTO records VALUES (?, ?, ?)`;
const DELETE = `DELETE FROM records WHERE key = ?`;
const LIST = `SELECT key FROM records WHERE key >= ? AND key > ? AND substr(key, 1, ?) = ? ORDER BY key LIMIT ?`;
const LIST_FIRST = `SELECT key FROM records WHERE key >= ? AND substr(key, 1, ?) = ? ORDER BY key LIMIT ?`;

/** Records in a SQLite file. Keys are stored as bytes, so their order is that of their bytes. */
export class SqliteRecordStore implements RecordStore {
  readonly #connection: Connection;
  readonly #get: Statement;
  readonly #tag: Statement;
  readonly #nextTag: Statement;
  readonly #put: Statement;
  readonly #delete: Statement;
  readonly #list: Statement;
  readonly #listFirst: Statement;

  constructor(connection: Connection) {
    const { db } = connection;
    this.#connection = connection;
    this.#get = db.prepare(GET);
    this.#tag = db.prepare(TAG).pluck();
    this.#nextTag = db.prepare(NEXT_TAG).pluck();
    this.#put = db.prepare(PUT);
    this.#delete = db.prepare(DELETE);
    this.#list = db.prepare(LIST).pluck();
    this.#listFirst = db.prepare(LIST_FIRST).pluck();
  }

  async get(key: string): Promise<StoredRecord | undefined> {
    const row = this.#connection.read(() => this.#get.get(Buffer.from(key))) as { value: Buffer; tag: number } | undefined;
    return row === undefined ? undefined : { value: row.value, tag: String(row.tag) };
  }

  async put(key: string, value: Uint8Array, ifTag?: string | null): Promise<string | null> {
    return this.#connection.write(() => {
      if (ifTag !== undefined && this.#tagOf(key) !== ifTag) return null;
      const tag = this.#nextTag.get() as number;
      this.#put.run(Buffer.from(key), tag, value);
      return String(tag);
    });
  }

  async delete(key: string, ifTag?: string): Promise<boolean> {
    return this.#connection.write(() => {
      if (ifTag !== undefined && this.#tagOf(key) !== ifTag) return false;
      return this.#delete.run(Buffer.from(key)).changes === 1;
    });
  }

  async list(prefix: string, after: string | null, limit: number): Promise<readonly string[]> {
    const start = Buffer.from(prefix);
    const keys = this.#connection.read(() =>
      after === null
        ? this.#listFirst.all(start, start.length, start, limit)
        : this.#list.all(start, Buffer.from(after), start.length, start, limit),
    ) as Buffer[];
    return keys.map((key) => key.toString());
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #tagOf(key: string): string | null {
    const tag = this.#tag.get(Buffer.from(key)) as number | undefined;
    return tag === undefined ? null : String(tag);
  }
}
