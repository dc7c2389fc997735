import type { RecordStore, StoredRecord } from '@omniq/core/storage';
import type { Connection } from './connection.ts';
import { deleteRecord } from './lua/delete-record.ts';
import { putRecord } from './lua/put-record.ts';

/** After every key that begins alike: no text of UTF-8 has this byte. */
const LAST = Buffer.from([0xff]);

/** Records in Redis. Tags are never given out twice. */
export class RedisRecordStore implements RecordStore {
  readonly #connection: Connection;
  readonly #close: () => void;

  constructor(connection: Connection, close: () => void) {
    this.#connection = connection;
    this.#close = close;
  }

  async get(key: string): Promise<StoredRecord | undefined> {
    const records = this.#connection.key('records');
    const stored = await this.#connection.ask('get', (client) => client.hgetBuffer(records, key));
    if (stored === null) return undefined;
    const tagEnd = 2 + stored.readUInt16LE(0);
    return { value: stored.subarray(tagEnd), tag: stored.toString('latin1', 2, tagEnd) };
  }

  async put(key: string, value: Uint8Array, ifTag?: string | null): Promise<string | null> {
    const condition = ifTag === undefined ? 'any' : ifTag === null ? 'none' : 'tag';
    const tag = await this.#connection.run<Buffer | null>(putRecord, key, Buffer.from(value), condition, ifTag ?? '');
    return tag === null ? null : tag.toString('latin1');
  }

  async delete(key: string, ifTag?: string): Promise<boolean> {
    const tag = ifTag === undefined ? [] : [ifTag];
    return (await this.#connection.run<number>(deleteRecord, key, ...tag)) === 1;
  }

  async list(prefix: string, after: string | null, limit: number): Promise<readonly string[]> {
    const first = Buffer.from(prefix);
    const next = after === null ? null : Buffer.from(after);
    const from = next === null || Buffer.compare(next, first) < 0 ? bound('[', first) : bound('(', next);
    const to = bound('(', Buffer.concat([first, LAST]));
    const keys = this.#connection.key('record-keys');
    return this.#connection.ask('list', (client) => client.zrangebylex(keys, from, to, 'LIMIT', 0, limit));
  }

  async close(): Promise<void> {
    this.#close();
  }
}

function bound(kind: '[' | '(', member: Buffer): Buffer {
  return Buffer.concat([Buffer.from(kind), member]);
}
