import type {
  BeatReply,
  Capabilities,
  Change,
  ChangeOutcome,
  ClaimedTask,
  ClaimRequest,
  EdgePage,
  EdgeQuery,
  HistoryRecord,
  InsertOutcome,
  NewSession,
  NewTask,
  QueueRow,
  QueueSettings,
  SessionRow,
  SwapOutcome,
  TaskCount,
  TaskPage,
  TaskQuery,
  TaskRow,
  TaskStore,
} from '@omniq/core/storage';
import type { Statement } from 'better-sqlite3';
import { Claims } from './claim.ts';
import type { Connection } from './connection.ts';
import { Edges } from './edges.ts';
import { Inserts } from './insert.ts';
import { Listing } from './listing.ts';
import { QueueTable } from './queue-settings.ts';
import { Removal } from './removal.ts';
import { Sessions } from './sessions.ts';
import { UniqueKeys } from './unique-keys.ts';
import { Updates } from './update.ts';
import { watchFile } from './watch.ts';

const HISTORY = `SELECT lease, record FROM history WHERE id = ? ORDER BY seq`;

/** Tasks in a SQLite file. One writer at a time, many rows a transaction, reads beside it. */
export class SqliteTaskStore implements TaskStore {
  readonly capabilities: Capabilities;
  readonly #connection: Connection;
  readonly #inserts: Inserts;
  readonly #claims: Claims;
  readonly #updates: Updates;
  readonly #listing: Listing;
  readonly #removal: Removal;
  readonly #edges: Edges;
  readonly #sessions: Sessions;
  readonly #queues: QueueTable;
  readonly #history: Statement;

  constructor(connection: Connection) {
    const uniques = new UniqueKeys(connection);
    this.#connection = connection;
    this.capabilities = capabilitiesOf(connection);
    this.#inserts = new Inserts(connection, uniques);
    this.#claims = new Claims(connection);
    this.#updates = new Updates(connection, uniques, this.#inserts);
    this.#listing = new Listing(connection);
    this.#removal = new Removal(connection, uniques);
    this.#edges = new Edges(connection);
    this.#sessions = new Sessions(connection);
    this.#queues = new QueueTable(connection);
    this.#history = connection.db.prepare(HISTORY);
  }

  async insert(rows: readonly NewTask[], now: number): Promise<readonly InsertOutcome[]> {
    return this.#write(() => {
      this.#connection.checkClock(now);
      return this.#inserts.insert(rows, now);
    });
  }

  async claim(request: ClaimRequest): Promise<readonly ClaimedTask[]> {
    if (!this.#connection.read(() => this.#claims.isWorthwhile(request))) return [];
    return this.#connection.write(() => this.#claims.claim(request));
  }

  async update(changes: readonly Change[], now: number): Promise<readonly ChangeOutcome[]> {
    return this.#write(() => {
      this.#connection.checkClock(now);
      return this.#updates.update(changes, now);
    });
  }

  async swap(changes: readonly Change[], request: ClaimRequest): Promise<SwapOutcome> {
    return this.#write(() => {
      const outcomes = this.#updates.update(changes, request.now);
      return { outcomes, claimed: this.#claims.claim(request) };
    });
  }

  async get(ids: readonly string[]): Promise<readonly (TaskRow | undefined)[]> {
    return this.#connection.read(() => this.#listing.get(ids));
  }

  async list(query: TaskQuery): Promise<TaskPage> {
    return this.#connection.read(() => this.#listing.list(query));
  }

  async count(now: number): Promise<readonly TaskCount[]> {
    return this.#connection.read(() => this.#listing.count(now));
  }

  async remove(ids: readonly string[], rememberUntil: number): Promise<number> {
    return this.#connection.write(() => this.#removal.remove(ids, rememberUntil, this.#connection.time()));
  }

  async edges(query: EdgeQuery): Promise<EdgePage> {
    return this.#connection.read(() => this.#edges.page(query));
  }

  async history(id: string): Promise<readonly HistoryRecord[]> {
    return this.#connection.read(() => this.#history.all(id) as HistoryRecord[]);
  }

  async open(session: NewSession, now: number): Promise<void> {
    this.#connection.read(() => this.#sessions.open(session, now));
  }

  async beat(session: string, now: number): Promise<BeatReply> {
    return this.#connection.read(() => this.#sessions.beat(session, now));
  }

  async sessions(): Promise<readonly SessionRow[]> {
    return this.#connection.read(() => this.#sessions.all());
  }

  async end(session: string, beats?: number): Promise<boolean> {
    return this.#connection.read(() => this.#sessions.end(session, beats));
  }

  async queues(): Promise<readonly QueueRow[]> {
    return this.#connection.read(() => this.#queues.all());
  }

  async configure(queue: string, settings: Partial<QueueSettings>): Promise<void> {
    this.#write(() => this.#queues.configure(queue, settings));
  }

  async time(): Promise<number> {
    return this.#connection.time();
  }

  watch(wake: () => void): () => void {
    return watchFile(this.#connection, wake);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  /** A write after which others may find something to do. */
  #write<T>(work: () => T): T {
    const made = this.#connection.write(work);
    this.#connection.notify();
    return made;
  }
}

function capabilitiesOf({ isMemory }: Connection): Capabilities {
  return {
    durable: !isMemory,
    shared: isMemory ? 'process' : 'host',
    order: 'strict',
    clock: true,
    watch: true,
    results: true,
    then: true,
    transactions: false,
    uniqueKeys: true,
    orderKeys: false,
    limits: false,
  };
}
