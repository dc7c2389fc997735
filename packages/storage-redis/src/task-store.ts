import type {
  Awaited,
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
import type { Connection } from './connection.ts';
import { listEdges } from './edges.ts';
import { claim } from './lua/claim.ts';
import { count } from './lua/count.ts';
import { get } from './lua/get.ts';
import { insert } from './lua/insert.ts';
import { insertBatches } from './lua/insert-batches.ts';
import { insertPlain } from './lua/insert-plain.ts';
import { nextDue } from './lua/next-due.ts';
import { remove } from './lua/remove.ts';
import { swap } from './lua/swap.ts';
import { time } from './lua/time.ts';
import { update } from './lua/update.ts';
import { changeOutcomes, insertOutcomes } from './packing/outcomes.ts';
import { packBatches } from './packing/pack-batches.ts';
import { packChanges } from './packing/pack-changes.ts';
import { isPlain, packPlainRows } from './packing/pack-plain-rows.ts';
import { packRows } from './packing/pack-rows.ts';
import { historyRecords } from './packing/read-history.ts';
import { claimedTasks, taskRows } from './packing/read-rows.ts';
import { stateOf } from './packing/state-code.ts';
import { configureQueue, listQueues } from './queue-settings.ts';
import { Sessions } from './sessions.ts';
import { slices } from './slices.ts';
import { listTasks } from './task-list.ts';
import type { Wakes } from './wakes.ts';

const capabilities: Capabilities = {
  durable: true,
  shared: 'network',
  order: 'strict',
  clock: true,
  watch: true,
  results: true,
  then: true,
  transactions: false,
  uniqueKeys: true,
  orderKeys: true,
  limits: false,
};

/** So many at a time, so that no call keeps the server from others for more than a few milliseconds. */
const MOST = { changes: 250, reads: 500, removals: 250 };

/** Tasks in Redis. Every verb is one script, atomic by itself. */
export class RedisTaskStore implements TaskStore {
  readonly capabilities: Capabilities = capabilities;
  readonly #connection: Connection;
  readonly #sessions: Sessions;
  readonly #wakes: Wakes;
  readonly #close: () => void;
  #told: { readonly queues: readonly string[]; readonly due: Buffer } | undefined;

  constructor(connection: Connection, wakes: Wakes, close: () => void) {
    this.#connection = connection;
    this.#sessions = new Sessions(connection);
    this.#wakes = wakes;
    this.#close = close;
  }

  async insert(rows: readonly NewTask[], now: number): Promise<readonly InsertOutcome[]> {
    if (rows.length === 0) return [];
    const batches = packBatches(rows, now);
    if (batches !== undefined) {
      const { admitBy, values } = batches;
      const all = await this.#connection.run<number>(insertBatches, now, rows.length, admitBy, ...values);
      if (all === 1) return rows.map(() => ({ status: 'inserted', settled: false }));
    }
    if (rows.every(isPlain)) {
      const { packed, queues } = packPlainRows(rows, now);
      return insertOutcomes([await this.#connection.run<Buffer>(insertPlain, now, rows.length, packed, ...queues)]);
    }
    return insertOutcomes(await this.#connection.run<Buffer[]>(insert, now, rows.length, packRows(rows, now)));
  }

  async claim(request: ClaimRequest): Promise<readonly ClaimedTask[]> {
    return this.#claimed(
      await this.#connection.run<ClaimReply>(claim, this.#wakes.idle, ...claimArguments(request)),
      request,
    );
  }

  async update(changes: readonly Change[], now: number): Promise<readonly ChangeOutcome[]> {
    const outcomes: ChangeOutcome[] = [];
    for (const some of slices(changes, MOST.changes)) {
      // oxlint-disable-next-line no-await-in-loop -- changes apply in order
      const reply = await this.#connection.run<Buffer[]>(update, now, packChanges(some, now));
      for (const outcome of changeOutcomes(reply)) outcomes.push(outcome);
    }
    return outcomes;
  }

  async swap(changes: readonly Change[], request: ClaimRequest): Promise<SwapOutcome> {
    if (changes.length === 0) return { outcomes: [], claimed: await this.claim(request) };
    const packed = packChanges(changes, request.now);
    const [claimed, ...outcomes] = await this.#connection.run<[ClaimReply, ...Buffer[]]>(
      swap,
      packed,
      this.#wakes.idle,
      ...claimArguments(request),
    );
    return { outcomes: changeOutcomes(outcomes), claimed: this.#claimed(claimed, request) };
  }

  async get(ids: readonly string[]): Promise<readonly (TaskRow | undefined)[]> {
    const found = new Map<string, TaskRow>();
    for (const some of slices([...new Set(ids)], MOST.reads)) {
      // oxlint-disable-next-line no-await-in-loop -- one call after the other leaves others their turn
      const reply = await this.#connection.run<Buffer>(get, ...some);
      for (const row of taskRows(reply)) found.set(row.id, row);
    }
    return ids.map((id) => found.get(id));
  }

  async list(query: TaskQuery): Promise<TaskPage> {
    return listTasks(this.#connection, query);
  }

  async count(now: number): Promise<readonly TaskCount[]> {
    const reply = await this.#connection.run<(Buffer | number)[]>(count, now);
    const counts: TaskCount[] = [];
    for (let at = 0; at < reply.length; at += 3) {
      const state = reply[at + 1];
      counts.push({
        queue: String(reply[at]),
        state: (typeof state === 'number' ? stateOf(state) : String(state)) as TaskCount['state'],
        count: reply[at + 2] as number,
      });
    }
    return counts;
  }

  async remove(ids: readonly string[], rememberUntil: number): Promise<number> {
    let gone = 0;
    for (const some of slices(ids, MOST.removals)) {
      // oxlint-disable-next-line no-await-in-loop -- one call after the other leaves others their turn
      gone += await this.#connection.run<number>(remove, rememberUntil, ...some);
    }
    return gone;
  }

  async edges(query: EdgeQuery): Promise<EdgePage> {
    return listEdges(this.#connection, query);
  }

  async history(id: string): Promise<readonly HistoryRecord[]> {
    const key = this.#connection.key('history');
    return historyRecords(await this.#connection.ask('history', (client) => client.hgetBuffer(key, id)));
  }

  async open(session: NewSession, now: number): Promise<void> {
    return this.#sessions.open(session, now);
  }

  async beat(session: string, now: number): Promise<BeatReply> {
    return this.#sessions.beat(session, now);
  }

  async sessions(): Promise<readonly SessionRow[]> {
    return this.#sessions.list();
  }

  async end(session: string, beats?: number): Promise<boolean> {
    return this.#sessions.end(session, beats);
  }

  async queues(): Promise<readonly QueueRow[]> {
    return listQueues(this.#connection);
  }

  async configure(queue: string, settings: Partial<QueueSettings>): Promise<void> {
    return configureQueue(this.#connection, queue, settings);
  }

  async time(): Promise<number> {
    return this.#connection.run<number>(time);
  }

  async nextDue(queues: readonly string[], now: number): Promise<number | null> {
    const known = this.#told;
    const reply = known?.queues === queues ? known.due : await this.#connection.run<Buffer>(nextDue, now, ...queues);
    return reply.length === 0 ? null : Number(String(reply));
  }

  watch(wake: () => void, awaited: Awaited = 'claimable'): () => void {
    return this.#wakes.listen(wake, awaited);
  }

  async close(): Promise<void> {
    this.#close();
  }

  /**
   * A claim that found no more brings along when to look again. It answers who asks for that at once, in the same turn of
   * the event loop; later it may be wrong. So an idle worker makes one call a poll and not two.
   */
  #claimed([rows, due]: ClaimReply, { queues }: ClaimRequest): readonly ClaimedTask[] {
    if (due !== undefined) {
      const told = { queues, due };
      this.#told = told;
      // Not a wait: the end of this turn.
      // oxlint-disable-next-line no-restricted-globals
      setImmediate(() => {
        if (this.#told === told) this.#told = undefined;
      });
    }
    return claimedTasks(rows);
  }
}

/** Leased rows and, if there are no more, when the next task of the queues will be due. */
type ClaimReply = readonly [rows: Buffer, due?: Buffer];

function claimArguments({ session, lane, request, limit, start, now, queues }: ClaimRequest): (string | number)[] {
  return [session, lane, request, limit, start, now, ...queues];
}
