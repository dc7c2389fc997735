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
import { countTasks } from './count.ts';
import type { Database } from './database.ts';
import { edgePage } from './edges.ts';
import { Idle } from './idle.ts';
import { Inserts } from './insert.ts';
import { Lists } from './list.ts';
import { QueueTable } from './queue-settings.ts';
import { forgetIds, removeTasks } from './remove.ts';
import { Sessions } from './sessions.ts';
import { Transactions } from './transactions.ts';
import { Updates } from './updates.ts';
import type { Wakes } from './wakes.ts';

const HISTORY = `
select lease, record from @.history where seq = (select seq from @.task where id = $1 and gone_until is null)
order by number`;

const TIME = `select (extract(epoch from clock_timestamp()) * 1000)::int8 as time`;

const WAKE = `select @.wake(true, false)`;

const capabilities: Capabilities = {
  durable: true,
  shared: 'network',
  order: 'strict',
  clock: true,
  watch: true,
  results: true,
  then: true,
  transactions: true,
  uniqueKeys: true,
  orderKeys: true,
  limits: false,
};

/** What a task store stands on. */
export interface TaskStoreParts {
  readonly db: Database;
  readonly wakes: Wakes;
  readonly lockTimeoutMs: number;
  close(): Promise<void>;
}

/** Tasks in PostgreSQL. */
export class PostgresTaskStore implements TaskStore {
  readonly capabilities: Capabilities = capabilities;
  readonly #parts: TaskStoreParts;
  readonly #db: Database;
  readonly #idle: Idle;
  readonly #inserts: Inserts;
  readonly #claims: Claims;
  readonly #updates: Updates;
  readonly #sessions: Sessions;
  readonly #lists: Lists;
  readonly #queues: QueueTable;
  readonly #transactions: Transactions;
  readonly #workers = new Set<string>();
  /** The latest time that a caller gave and the store did not refuse: a removal brings none. */
  #latest = 0;

  constructor(parts: TaskStoreParts) {
    const { db, wakes, lockTimeoutMs } = parts;
    this.#parts = parts;
    this.#db = db;
    this.#idle = new Idle(db, wakes);
    wakes.onNotified(() => this.#awaitEnds());
    wakes.onUp(() => {
      this.#idle.mark('tasks');
      this.#awaitEnds();
    });
    this.#queues = new QueueTable(db);
    this.#inserts = new Inserts(db, this.#queues);
    this.#claims = new Claims(db);
    this.#updates = new Updates(db, this.#claims, this.#inserts);
    this.#sessions = new Sessions(db);
    this.#lists = new Lists(db);
    this.#transactions = new Transactions(db, this.#inserts, lockTimeoutMs);
  }

  async insert(rows: readonly NewTask[], now: number): Promise<readonly InsertOutcome[]> {
    if (rows.length === 0) return [];
    const outcomes = await this.#inserts.insert(rows, now);
    this.#latest = Math.max(this.#latest, now);
    this.#parts.wakes.wake();
    return outcomes;
  }

  async claim(request: ClaimRequest): Promise<readonly ClaimedTask[]> {
    const claimed = await this.#claims.claim(request);
    if (claimed.length < request.limit) this.#idle.mark('tasks');
    return claimed;
  }

  async update(changes: readonly Change[], now: number): Promise<readonly ChangeOutcome[]> {
    if (changes.length === 0) return [];
    const outcomes = await this.#updates.update(changes, now);
    this.#latest = Math.max(this.#latest, now);
    this.#parts.wakes.wake();
    return outcomes;
  }

  async swap(changes: readonly Change[], request: ClaimRequest): Promise<SwapOutcome> {
    if (changes.length === 0) return { outcomes: [], claimed: await this.claim(request) };
    const outcome = await this.#updates.swap(changes, request);
    if (outcome.claimed.length < request.limit) this.#idle.mark('tasks');
    if (this.#awaitsEnds || changes.some(({ set }) => set.state === 'waiting')) this.#parts.wakes.wake();
    return outcome;
  }

  get(ids: readonly string[]): Promise<readonly (TaskRow | undefined)[]> {
    return this.#lists.get(ids);
  }

  list(query: TaskQuery): Promise<TaskPage> {
    return this.#lists.page(query);
  }

  count(now: number): Promise<readonly TaskCount[]> {
    return countTasks(this.#db, now);
  }

  async remove(ids: readonly string[], rememberUntil: number): Promise<number> {
    const removed = await removeTasks(this.#db, ids, rememberUntil);
    if (removed > 0) await forgetIds(this.#db, this.#latest, removed);
    return removed;
  }

  edges(query: EdgeQuery): Promise<EdgePage> {
    return edgePage(this.#db, query);
  }

  history(id: string): Promise<readonly HistoryRecord[]> {
    return this.#db.rows<HistoryRecord>(HISTORY, [id]);
  }

  async open(session: NewSession, now: number): Promise<void> {
    await this.#sessions.open(session, now);
    this.#workers.add(session.id);
  }

  beat(session: string, now: number): Promise<BeatReply> {
    return this.#sessions.beat(session, now);
  }

  sessions(): Promise<readonly SessionRow[]> {
    return this.#sessions.list();
  }

  async end(session: string, beats?: number): Promise<boolean> {
    const ended = await this.#sessions.end(session, beats);
    if (ended) this.#workers.delete(session);
    return ended;
  }

  queues(): Promise<readonly QueueRow[]> {
    return this.#queues.list();
  }

  async configure(queue: string, settings: Partial<QueueSettings>): Promise<void> {
    await this.#queues.configure(queue, settings);
    await this.#db.rows(WAKE, []);
    this.#parts.wakes.wake();
  }

  async time(): Promise<number> {
    const [row] = await this.#db.rows<{ time: number }>(TIME, []);
    return row?.time as number;
  }

  nextDue(queues: readonly string[], now: number): Promise<number | null> {
    return this.#claims.nextDue(queues, now);
  }

  watch(wake: () => void): () => void {
    const stop = this.#parts.wakes.listen(wake);
    this.#awaitEnds();
    return stop;
  }

  /** @param transaction as {@link PostgresTransaction} */
  within(transaction: unknown): TransactionStore {
    return this.#transactions.within(transaction);
  }

  close(): Promise<void> {
    return this.#parts.close();
  }

  /** Each worker listens once; whoever else does waits for tasks to end. */
  get #awaitsEnds(): boolean {
    return this.#parts.wakes.size > this.#workers.size;
  }

  #awaitEnds(): void {
    if (this.#awaitsEnds) this.#idle.mark('ends');
  }
}
