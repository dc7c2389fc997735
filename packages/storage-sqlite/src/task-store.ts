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
  TransactionStore,
} from '@omniq/core/storage';
import { Claims } from './claim.ts';
import type { Connection, Statement } from './connection.ts';
import { Counts } from './count.ts';
import { Edges } from './edges.ts';
import { HeldLeases } from './held-leases.ts';
import { Inserts } from './insert.ts';
import { Leases } from './leases.ts';
import { Lists } from './list.ts';
import { OrderKeys } from './order-keys.ts';
import { QueueTable } from './queue-settings.ts';
import { Removals } from './remove.ts';
import { ResultRows } from './result-rows.ts';
import { Sessions } from './sessions.ts';
import { StoreClock } from './store-clock.ts';
import { COLUMNS, PAYLOAD, taskRow, type TaskColumns } from './task-row.ts';
import { Transactions } from './transactions.ts';
import { UniqueKeys } from './unique-keys.ts';
import { Updates } from './update.ts';
import type { Wakes } from './wakes.ts';

const GET = `SELECT ${COLUMNS} FROM omniq_tasks t ${PAYLOAD} WHERE t.seq = (SELECT task FROM omniq_payloads WHERE id = ?)`;

const HISTORY = `
SELECT lease, record FROM omniq_history
WHERE task = (SELECT task FROM omniq_payloads WHERE id = ?) ORDER BY seq`;

/** What a task store stands on. In memory both connections are the same one. */
export interface TaskStoreParts {
  readonly main: Connection;
  readonly sessions: Connection;
  readonly wakes: Wakes;
  readonly inMemory: boolean;
  close(): void;
}

/** Tasks in SQLite. Every verb is one short transaction; all of them are synchronous inside. */
export class SqliteTaskStore implements TaskStore {
  readonly capabilities: Capabilities;
  readonly within?: (transaction: unknown) => TransactionStore;
  readonly #parts: TaskStoreParts;
  readonly #db: Connection;
  readonly #clock: StoreClock;
  readonly #edges: Edges;
  readonly #inserts: Inserts;
  readonly #updates: Updates;
  readonly #sessions: Sessions;
  readonly #claims: Claims;
  readonly #lists: Lists;
  readonly #counts: Counts;
  readonly #removals: Removals;
  readonly #queues: QueueTable;
  readonly #get: Statement;
  readonly #history: Statement;

  constructor(parts: TaskStoreParts) {
    const { main, sessions, wakes, inMemory } = parts;
    const transactions = new Transactions(main, wakes);
    this.capabilities = capabilitiesOf(inMemory);
    this.#parts = parts;
    this.#db = main;
    this.#clock = new StoreClock(main);
    const [keys, order, results] = [new UniqueKeys(main), new OrderKeys(main), new ResultRows(main)];
    this.#edges = new Edges(main);
    this.#inserts = new Inserts(main, keys, order);
    const held = new HeldLeases();
    this.#updates = new Updates(main, { inserts: this.#inserts, keys, order, edges: this.#edges, results, held });
    this.#sessions = new Sessions(sessions, new Leases(main));
    this.#claims = new Claims(main, this.#sessions, held);
    this.#lists = new Lists(main);
    this.#counts = new Counts(main);
    this.#removals = new Removals(main, results);
    this.#queues = new QueueTable(main);
    // A database in memory has one connection, and it is not the user's.
    if (!inMemory) this.within = (transaction) => transactions.within(transaction);
    this.#get = main.prepare(GET).raw();
    this.#history = main.prepare(HISTORY);
  }

  async insert(rows: readonly NewTask[], now: number): Promise<readonly InsertOutcome[]> {
    if (rows.length === 0) return [];
    const outcomes = this.#db.write(() => {
      const time = this.#clock.check(now);
      return this.#inserts.insert(rows, now, time);
    });
    this.#parts.wakes.committed();
    return outcomes;
  }

  async claim(request: ClaimRequest): Promise<readonly ClaimedTask[]> {
    return this.#claims.claim(
      request,
      this.#db.read(() => this.#clock.check(request.now)),
    );
  }

  async update(changes: readonly Change[], now: number): Promise<readonly ChangeOutcome[]> {
    if (changes.length === 0) return [];
    const outcomes = this.#db.write(() => {
      this.#clock.check(now);
      return this.#updates.apply(changes, now);
    });
    this.#parts.wakes.committed();
    return outcomes;
  }

  async swap(changes: readonly Change[], request: ClaimRequest): Promise<SwapOutcome> {
    if (changes.length === 0) return { outcomes: [], claimed: await this.claim(request) };
    const outcome = this.#db.write(() => {
      const time = this.#clock.check(request.now);
      const outcomes = this.#updates.apply(changes, request.now);
      return { outcomes, claimed: this.#claims.lease(request, time) };
    });
    this.#parts.wakes.committed();
    return outcome;
  }

  async get(ids: readonly string[]): Promise<readonly (TaskRow | undefined)[]> {
    const rows = this.#db.snapshot(() => ids.map((id) => this.#get.get(id) as TaskColumns | undefined));
    return rows.map((row) => row && taskRow(row));
  }

  async list(query: TaskQuery): Promise<TaskPage> {
    return this.#lists.page(query);
  }

  async count(now: number): Promise<readonly TaskCount[]> {
    return this.#counts.count(now);
  }

  async remove(ids: readonly string[], rememberUntil: number): Promise<number> {
    return this.#db.write(() => this.#removals.remove(ids, rememberUntil));
  }

  async edges(query: EdgeQuery): Promise<EdgePage> {
    return this.#edges.page(query);
  }

  async history(id: string): Promise<readonly HistoryRecord[]> {
    return this.#db.read(() => this.#history.all(id) as HistoryRecord[]);
  }

  async open(session: NewSession, now: number): Promise<void> {
    this.#sessions.open(session, now);
  }

  async beat(session: string, now: number): Promise<BeatReply> {
    return this.#sessions.beat(session, now);
  }

  async sessions(): Promise<readonly SessionRow[]> {
    return this.#sessions.list();
  }

  async end(session: string, beats?: number): Promise<boolean> {
    const ended = this.#sessions.markEnded(session, beats);
    // Waits for claims that had looked before the mark: none of them commits after this.
    if (ended) this.#db.writeIfFree(() => this.#claims.forget(session));
    return ended;
  }

  async queues(): Promise<readonly QueueRow[]> {
    return this.#queues.list();
  }

  async configure(queue: string, settings: Partial<QueueSettings>): Promise<void> {
    this.#queues.configure(queue, settings);
    this.#parts.wakes.committed();
  }

  async time(): Promise<number> {
    return this.#db.read(() => this.#clock.time());
  }

  watch(wake: () => void): () => void {
    return this.#parts.wakes.listen(wake);
  }

  async close(): Promise<void> {
    this.#parts.close();
  }
}

function capabilitiesOf(inMemory: boolean): Capabilities {
  return {
    durable: !inMemory,
    shared: inMemory ? 'process' : 'host',
    order: 'strict',
    clock: true,
    watch: true,
    results: true,
    then: true,
    transactions: !inMemory,
    uniqueKeys: true,
    orderKeys: true,
    limits: false,
  };
}
