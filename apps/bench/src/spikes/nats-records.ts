import { StorageType } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { RecordStore, StoredRecord } from '@omniq/core/storage';
import { asStoreError, isWrongSequence } from './nats-failure.ts';

/** Opens the records of this name, in a bucket that is made if it is not there. */
export async function openNatsRecords(url: string, name: string): Promise<NatsRecords> {
  const connection = await connect({ servers: url, maxReconnectAttempts: -1 });
  const bucket = await new Kvm(connection).create(`${name}-records`, { history: 1, storage: StorageType.File });
  return new NatsRecords(connection, bucket);
}

/** Records in a key-value bucket: its revisions are the tags. A record is as large as a message at most. */
export class NatsRecords implements RecordStore {
  readonly #connection: NatsConnection;
  readonly #bucket: KV;

  constructor(connection: NatsConnection, bucket: KV) {
    this.#connection = connection;
    this.#bucket = bucket;
  }

  async get(key: string): Promise<StoredRecord | undefined> {
    const entry = await asked(this.#bucket.get(nameOf(key)));
    if (entry === null || entry.operation !== 'PUT') return undefined;
    return { value: entry.value, tag: String(entry.revision) };
  }

  async put(key: string, value: Uint8Array, ifTag?: string | null): Promise<string | null> {
    const name = nameOf(key);
    const write =
      ifTag === undefined
        ? this.#bucket.put(name, value)
        : ifTag === null
          ? this.#bucket.create(name, value)
          : this.#bucket.update(name, value, Number(ifTag));
    try {
      return String(await write);
    } catch (error) {
      if (isWrongSequence(error)) return null;
      throw asStoreError(error);
    }
  }

  async delete(key: string, ifTag?: string): Promise<boolean> {
    const found = await this.get(key);
    if (found === undefined || (ifTag !== undefined && found.tag !== ifTag)) return false;
    try {
      await this.#bucket.delete(nameOf(key), { previousSeq: Number(found.tag) });
      return true;
    } catch (error) {
      if (isWrongSequence(error)) return ifTag === undefined ? this.delete(key) : false;
      throw asStoreError(error);
    }
  }

  async list(prefix: string, after: string | null, limit: number): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const name of await asked(this.#bucket.keys())) names.push(name);
    const [start, behind] = [nameOf(prefix), after === null ? '' : nameOf(after)];
    const found = names.filter((name) => name.startsWith(start) && name > behind).toSorted();
    return found.slice(0, limit).map(keyOf);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

/** Hexadecimal digits sort as the bytes do, and a bucket takes nearly nothing else. */
function nameOf(key: string): string {
  return Buffer.from(key, 'utf8').toString('hex');
}

function keyOf(name: string): string {
  return Buffer.from(name, 'hex').toString('utf8');
}

async function asked<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw asStoreError(error);
  }
}
