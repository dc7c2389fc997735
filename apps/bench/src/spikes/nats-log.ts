import {
  jetstream,
  jetstreamManager,
  StorageType,
  type JetStreamClient,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { OmniQError, type LogCapabilities, type LogEntry, type LogSnapshot, type SharedLog } from '@omniq/core/storage';
import { asStoreError } from './nats-failure.ts';
import { NatsSnapshots } from './nats-snapshots.ts';
import { NatsTail } from './nats-tail.ts';

/** What may be under way for longer is not waited for. */
const keepMs = 120_000;

/** Opens the log of this name, made if it is not there. */
export async function openNatsLog(url: string, name: string): Promise<NatsLog> {
  const connection = await connect({ servers: url, maxReconnectAttempts: -1 });
  const jsm = await jetstreamManager(connection);
  const stream = `${name}-log`;
  await jsm.streams.add({ name: stream, subjects: [stream], storage: StorageType.File });
  const objects = await new Objm(connection).create(`${name}-snapshots`, { storage: StorageType.File });
  return new NatsLog(connection, jsm, stream, new NatsSnapshots(objects));
}

/** Where the stream ends, as its server said after it was asked. */
interface End {
  readonly last: number;
  readonly isEmpty: boolean;
}

/**
 * A log in one stream: the server numbers what is published to it, and its time is the time. An ordered consumer pushes
 * the entries here; a reader at the end asks the server once whether that is the end.
 */
export class NatsLog implements SharedLog {
  readonly capabilities: LogCapabilities;
  readonly #connection: NatsConnection;
  readonly #jsm: JetStreamManager;
  readonly #js: JetStreamClient;
  readonly #stream: string;
  readonly #snapshots: NatsSnapshots;
  readonly #watchers = new Set<() => void>();
  #tail: NatsTail | null = null;
  #looking: Promise<End> | null = null;
  #isClosed = false;

  constructor(connection: NatsConnection, jsm: JetStreamManager, stream: string, snapshots: NatsSnapshots) {
    const maxBytes = connection.info?.max_payload ?? 1_048_576;
    this.capabilities = { durable: true, shared: 'network', numberedBy: 'log', clock: true, maxBytes, keepMs };
    this.#connection = connection;
    this.#jsm = jsm;
    this.#js = jetstream(connection);
    this.#stream = stream;
    this.#snapshots = snapshots;
  }

  async append(bytes: Uint8Array, _at: number): Promise<number> {
    const { maxBytes } = this.capabilities;
    this.#checkOpen();
    if (bytes.length > maxBytes)
      throw new OmniQError('PAYLOAD_TOO_LARGE', `An entry has ${bytes.length} bytes, the log takes ${maxBytes}.`);
    const { seq } = await this.#ask(() => this.#js.publish(this.#stream, bytes));
    return seq;
  }

  async read(after: number, limit: number): Promise<readonly LogEntry[]> {
    for (;;) {
      this.#checkOpen();
      const tail = this.#tailFrom(after);
      const page = tail.next(after, limit);
      if (page.length > 0) return page;
      const { last, isEmpty } = await this.#end();
      if (isEmpty || last <= after) return [];
      await this.#ask(() => tail.started);
      await tail.arrival(after);
    }
  }

  watch(wake: () => void): () => void {
    this.#checkOpen();
    const watcher = (): void => wake();
    this.#watchers.add(watcher);
    if (this.#tail === null) this.#watchFromEnd();
    return () => void this.#watchers.delete(watcher);
  }

  saveSnapshot(position: number, bytes: Uint8Array): Promise<void> {
    return this.#ask(() => this.#snapshots.save(position, bytes));
  }

  loadSnapshot(): Promise<LogSnapshot | null> {
    return this.#ask(() => this.#snapshots.load());
  }

  async trim(position: number): Promise<void> {
    // Purged up to number 0, a stream would be empty.
    if (position > 1) await this.#ask(() => this.#jsm.streams.purge(this.#stream, { seq: position }));
    await this.#ask(() => this.#snapshots.trim());
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watchers.clear();
    this.#tail?.stop();
    await this.#connection.close();
  }

  #tailFrom(after: number): NatsTail {
    if (this.#tail?.covers(after) === true) return this.#tail;
    this.#tail?.stop();
    this.#tail = new NatsTail(this.#js, this.#stream, after, () => this.#wake());
    return this.#tail;
  }

  /** Nobody has read yet. Wakes once, for what came while it asked; what goes wrong here shows at the next read. */
  #watchFromEnd(): void {
    this.#end().then(
      ({ last }) => {
        if (this.#isClosed) return;
        if (this.#tail === null) this.#tailFrom(last);
        this.#wake();
      },
      () => {},
    );
  }

  #wake(): void {
    for (const wake of this.#watchers) wake();
  }

  /** All who ask in one turn share the answer: the question leaves after the last of them asked. */
  #end(): Promise<End> {
    this.#looking ??= Promise.resolve().then(async () => {
      this.#looking = null;
      const { state } = await this.#ask(() => this.#jsm.streams.info(this.#stream));
      return { last: state.last_seq, isEmpty: state.messages === 0 };
    });
    return this.#looking;
  }

  async #ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    this.#checkOpen();
    try {
      return await question();
    } catch (error) {
      this.#checkOpen();
      throw asStoreError(error);
    }
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new OmniQError('STORE_CLOSED', 'The log was closed.');
  }
}
